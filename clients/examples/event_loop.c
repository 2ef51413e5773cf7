/*
 * libsignet in a program's own event loop: watches the chip's state and reads an object, without ever blocking.
 *
 *   cc event_loop.c $(pkg-config --cflags --libs signet) -o event_loop
 */
#include <signet/signet.h>

#include <poll.h>
#include <stdio.h>

struct program {
  int read;    /* the object has been read, or could not be */
  int watched; /* the state has been seen */
};

static void on_state(signet_client* client, int status, const signet_result* state, void* userdata) {
  (void)client;
  printf("state: %s\n", status == SIGNET_OK ? signet_result_string(state, 0, "state") : signet_strerror(status));
  ((struct program*)userdata)->watched = 1;
}

static void on_read(signet_call* call, void* userdata) {
  size_t size = 0;
  if (signet_call_status(call) == SIGNET_OK) {
    signet_result_bytes(signet_call_result(call), 0, "value", &size);
    printf("greeting: %zu octets\n", size);
  } else {
    printf("greeting: %s\n", signet_call_error_text(call));
  }
  signet_call_free(call);
  ((struct program*)userdata)->read = 1;
}

int main(void) {
  struct program program = {0, 0};
  signet_client* client = NULL;
  signet_call* call;
  int status = signet_open(&client, SIGNET_OPEN_DEFERRED);

  if (status != SIGNET_OK || !(call = signet_start_store_get(client, "greeting"))) return 1;
  signet_call_on_done(call, on_read, &program);
  signet_watch_state(client, on_state, &program);

  while (status == SIGNET_OK && !(program.read && program.watched)) {
    struct pollfd wait;
    wait.fd = signet_poll_fd(client);
    wait.events = (short)signet_poll_events(client);
    wait.revents = 0;
    poll(&wait, 1, signet_poll_timeout(client));
    status = signet_process(client);
  }
  if (status != SIGNET_OK) fprintf(stderr, "event_loop: %s\n", signet_error_text(client));
  signet_close(client);
  return status;
}
