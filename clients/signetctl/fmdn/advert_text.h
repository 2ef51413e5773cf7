// An advert in words and in JSON.
#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>
#include <string>

#include "finder/advert.h"

namespace signet::ctl {

// "Fast Pair: in pairing mode, model 123456"; for people.
std::string summary_of(const finder::AdvertPart& part);

boost::json::object advert_to_json(const finder::Advert& advert);
void print_advert(std::ostream& out, const finder::Advert& advert);

}  // namespace signet::ctl
