#include "tcmu_layout.h"

#include <linux/types.h>
#include <stddef.h>

#include <linux/target_core_user.h>

#define SAME(ours, theirs) _Static_assert((size_t)(ours) == (size_t)(theirs), #ours)

SAME(kTcmuRingOffset, offsetof(struct tcmu_mailbox, cmdr_off));
SAME(kTcmuRingSize, offsetof(struct tcmu_mailbox, cmdr_size));
SAME(kTcmuHead, offsetof(struct tcmu_mailbox, cmd_head));
SAME(kTcmuTail, offsetof(struct tcmu_mailbox, cmd_tail));
SAME(kTcmuLengthAndKind, offsetof(struct tcmu_cmd_entry, hdr.len_op));
SAME(kTcmuFlags, offsetof(struct tcmu_cmd_entry, hdr.uflags));
SAME(kTcmuVectorCount, offsetof(struct tcmu_cmd_entry, req.iov_cnt));
SAME(kTcmuCommandAt, offsetof(struct tcmu_cmd_entry, req.cdb_off));
SAME(kTcmuVectors, offsetof(struct tcmu_cmd_entry, req.iov));
SAME(kTcmuStatus, offsetof(struct tcmu_cmd_entry, rsp.scsi_status));
SAME(kTcmuSense, offsetof(struct tcmu_cmd_entry, rsp.sense_buffer));
SAME(kTcmuStatus + kTcmuAnswerSize, offsetof(struct tcmu_cmd_entry, rsp.sense_buffer) + TCMU_SENSE_BUFFERSIZE);
SAME(kTcmuKindMask, TCMU_OP_MASK);
SAME(kTcmuPad, TCMU_OP_PAD);
SAME(kTcmuCommand, TCMU_OP_CMD);
SAME(kTcmuUnknownKind, TCMU_UFLAG_UNKNOWN_OP);
