/*
 * libsignet-fmdn: lists the beacons of the keyring, and has one ring when its name is given.
 *
 *   cc my_beacons.c $(pkg-config --cflags --libs signet-fmdn) -o my_beacons
 *   ./my_beacons /etc/factory/keyring.key bag
 */
#include <signet/fmdn.h>

#include <stdio.h>

static int list(signet_owner* owner) {
  signet_result* devices = NULL;
  const int status = signet_owner_devices(owner, &devices);
  for (size_t i = 0; i < signet_result_rows(devices); ++i) {
    printf("%s: %s\n", signet_result_string(devices, i, "name"), signet_result_string(devices, i, "state"));
  }
  signet_result_free(devices);
  return status;
}

static int ring(signet_owner* owner, const char* name) {
  signet_owner_ringing ringing = SIGNET_OWNER_RINGING_INIT;
  signet_result* last = NULL;
  int status;
  ringing.deciseconds = 50;
  ringing.wait = 1;
  status = signet_owner_finish(signet_owner_start_ring(owner, name, NULL, &ringing), &last);
  if (status == SIGNET_OK) printf("%s: %s\n", name, signet_result_string(last, 0, "state"));
  signet_result_free(last);
  return status;
}

int main(int argc, char* argv[]) {
  signet_owner_options options = SIGNET_OWNER_OPTIONS_INIT;
  signet_owner* owner = NULL;
  int status;
  if (argc < 2) return 2;
  options.key_file = argv[1];
  status = signet_owner_open(&owner, &options);
  if (status == SIGNET_OK) status = argc > 2 ? ring(owner, argv[2]) : list(owner);
  if (status != SIGNET_OK) fprintf(stderr, "my_beacons: %s\n", signet_owner_error_text(owner));
  signet_owner_close(owner);
  return status;
}
