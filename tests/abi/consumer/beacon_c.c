/* An outside program in C17: libsignet-fmdn without a radio. Exits with 0 when all is well. */
#include <signet/fmdn.h>

#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                            \
  do {                                                              \
    if (!(condition)) {                                             \
      fprintf(stderr, "beacon_c.c:%d: %s\n", __LINE__, #condition); \
      return 1;                                                     \
    }                                                               \
  } while (0)

/* Of the reference implementation's own test. */
static const uint8_t kEik[SIGNET_FMDN_EIK_SIZE] = {0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x60,
                                                   0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x70, 0x71,
                                                   0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x80, 0x81};
static const uint8_t kEid[20] = {0xe5, 0x12, 0x04, 0xe4, 0x39, 0xba, 0xda, 0x54, 0x96, 0x4b,
                                 0x06, 0xa5, 0x4f, 0x3a, 0x0c, 0x05, 0x8e, 0x0a, 0x32, 0x4a};

static int check_computing(void) {
  uint8_t eid[SIGNET_FMDN_EID_MAX];
  uint8_t frame[SIGNET_FMDN_FRAME_MAX];
  uint8_t text[] = "48.137 11.575";
  size_t size = sizeof eid;
  uint32_t clock = 0;
  signet_fmdn_report report;
  signet_result* result = NULL;

  CHECK(signet_fmdn_eid(kEik, SIGNET_FMDN_SECP160R1, 50000, eid, &size) == SIGNET_OK);
  CHECK(size == sizeof kEid && memcmp(eid, kEid, size) == 0);
  CHECK(signet_fmdn_resolve(kEik, SIGNET_FMDN_SECP160R1, eid, size, 53000, 7200, &clock) == SIGNET_OK);
  CHECK(clock == (50000u & ~(SIGNET_FMDN_PERIOD - 1u)));
  CHECK(signet_fmdn_seal(eid, size, SIGNET_FMDN_DEPLOYED64, text, sizeof text, &report, text) == SIGNET_OK);
  CHECK(signet_fmdn_open(kEik, SIGNET_FMDN_SECP160R1, clock, &report, text, sizeof text, text) == SIGNET_OK);
  CHECK(strcmp((const char*)text, "48.137 11.575") == 0);

  size = sizeof frame;
  CHECK(signet_fmdn_frame(kEik, SIGNET_FMDN_SECP160R1, 50000, SIGNET_FMDN_BATTERY_LOW, 0, frame, &size) == SIGNET_OK);
  CHECK(size == 29);
  CHECK(signet_fmdn_decode(frame, size, &result) == SIGNET_OK);
  CHECK(strcmp(signet_result_string(result, 0, "service"), "FMDN") == 0);
  signet_result_free(result);
  return 0;
}

static int check_owner(void) {
  signet_owner_options options = SIGNET_OWNER_OPTIONS_INIT;
  signet_owner* owner = NULL;
  signet_result* result = NULL;

  options.keyring = "/nonexistent/keyring";
  options.pass_phrase = "correct horse";
  CHECK(signet_owner_open(&owner, &options) == SIGNET_OK);
  CHECK(signet_owner_devices(owner, &result) == SIGNET_OK); /* a file that is not there has no devices */
  CHECK(signet_result_rows(result) == 0);
  signet_result_free(result);
  CHECK(signet_owner_finish(signet_owner_start_scan(owner, 100, 0), &result) == SIGNET_E_NO_SERVICE);
  CHECK(result == NULL && signet_owner_error_text(owner)[0] != '\0');
  signet_owner_close(owner);
  return 0;
}

int main(void) {
  if (check_computing() || check_owner()) return 1;
  puts("libsignet-fmdn: all well");
  return 0;
}
