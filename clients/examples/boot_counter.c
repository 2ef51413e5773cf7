/*
 * Counts the starts of a program in a counter that can never go back, whatever happens to the file system.
 *
 *   cc boot_counter.c $(pkg-config --cflags --libs signet) -o boot_counter
 */
#include <signet/signet.h>

#include <inttypes.h>
#include <stdio.h>

int main(void) {
  signet_client* client = NULL;
  uint64_t first = 0, value = 0;
  int status = signet_open(&client, 0);

  if (status == SIGNET_OK) status = signet_counter_create(client, "starts", &first);
  if (status == SIGNET_OK || status == SIGNET_E_ALREADY_EXISTS) {
    status = signet_counter_increment(client, "starts", &value);
  }
  if (status == SIGNET_OK) {
    printf("the counter of starts is at %" PRIu64 "\n", value);
  } else {
    fprintf(stderr, "boot_counter: %s: %s\n", signet_error_name(status), signet_error_text(client));
  }
  signet_close(client);
  return status;
}
