/* The shared memory of a TCMU device, as octet offsets. <linux/target_core_user.h> is not C++ (it returns an integer as
   an enumerator), so tcmu_layout.c holds these against it. Integers are in the machine's own order. */
#pragma once

enum {
  /* The mailbox, at the beginning. */
  kTcmuRingOffset = 4, /* u32: where the command ring begins */
  kTcmuRingSize = 8,   /* u32: its size */
  kTcmuHead = 12,      /* u32: moved by the kernel, relative to the ring */
  kTcmuTail = 64,      /* u32: moved by us */

  /* An entry of the ring. */
  kTcmuLengthAndKind = 0, /* u32: length of the entry, a multiple of 8, and its kind in the low 3 bits */
  kTcmuFlags = 7,         /* u8: ours to set */
  kTcmuVectorCount = 8,   /* u32 */
  kTcmuCommandAt = 24,    /* u64: offset of the SCSI command in the shared memory */
  kTcmuVectors = 48,      /* struct iovec each, the base an offset in the shared memory */
  kTcmuStatus = 8,        /* u8: SCSI status; the answer lies over the request */
  kTcmuAnswerSize = 104,  /* octets of the answer, from kTcmuStatus on */
  kTcmuSense = 16,        /* 96 octets */

  kTcmuKindMask = 7,
  kTcmuPad = 0,
  kTcmuCommand = 1,
  kTcmuUnknownKind = 1 /* in kTcmuFlags: "I do not know this kind" */
};
