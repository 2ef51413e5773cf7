// Reads the content of an object from the chip.
#pragma once

#include "rpmb/session.h"
#include "rpmb/store/catalogue.h"
#include "rpmb/store/record.h"

namespace signet::rpmb {

// Records that stand side by side are read in one operation. Errors: those of Session::read; damaged: a record does not
// authenticate any more, or the content is not what it was.
Result<Bytes> read_content(Session& session, RecordCipher& cipher, const Catalogue::Found& object);

}  // namespace signet::rpmb
