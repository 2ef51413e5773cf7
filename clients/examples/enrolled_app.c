/*
 * A program of a device's maker, on an event loop of its own: registers the device when it starts for the first time,
 * and has a ticket for its server from then on. Never blocks.
 *
 *   cc enrolled_app.c $(pkg-config --cflags --libs signet) -o enrolled_app
 *   ./enrolled_app MODEL SN APP https://service.example < sn-ticket
 *
 * The sn ticket is what the maker's server has issued for this serial number; it is good for five minutes.
 */
#include <signet/signet.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

struct app {
  signet_client* client;
  const char *model, *sn, *id, *server;
  char sn_ticket[64];
  int status; /* SIGNET_PENDING until the program may end */
};

/* Calls `next` when the call has ended. */
static void then(struct app* app, signet_call* call, signet_done_fn next) {
  if (!call) {
    app->status = SIGNET_E_INTERNAL;
    return;
  }
  signet_call_on_done(call, next, app);
}

static void fail(struct app* app, signet_call* call, const char* what) {
  app->status = signet_call_status(call);
  fprintf(stderr, "%s: %s: %s\n", what, signet_error_name(app->status), signet_call_error_text(call));
}

static void on_ticket(signet_call* call, void* userdata) {
  struct app* app = userdata;

  if (signet_call_status(call) == SIGNET_OK) {
    /* Here it would go to the server: Authorization: Bearer TICKET. */
    printf("a ticket of %zu octets\n", strlen(signet_result_string(signet_call_result(call), 0, "ticket")));
    app->status = SIGNET_OK;
  } else {
    fail(app, call, "ticket");
  }
  signet_call_free(call);
}

static void on_registered(signet_call* call, void* userdata) {
  struct app* app = userdata;

  if (signet_call_status(call) == SIGNET_OK) {
    puts("registered");
    then(app, signet_start_ticket_get(app->client, app->server, NULL), on_ticket);
  } else {
    /* What is worth another try says so; the same call then goes on where it was. */
    fail(app, call, "registration");
    if (signet_error_category(app->status) == SIGNET_CATEGORY_RETRY) fputs("try again later\n", stderr);
  }
  signet_call_free(call);
}

static void on_info(signet_call* call, void* userdata) {
  struct app* app = userdata;
  const char* state = signet_result_string(signet_call_result(call), 0, "state");

  if (signet_call_status(call) != SIGNET_OK) {
    fail(app, call, "device");
  } else if (state && strcmp(state, "confirmed") == 0) {
    then(app, signet_start_ticket_get(app->client, app->server, NULL), on_ticket);
  } else {
    if (!fgets(app->sn_ticket, sizeof app->sn_ticket, stdin)) app->sn_ticket[0] = '\0';
    app->sn_ticket[strcspn(app->sn_ticket, "\r\n")] = '\0';
    then(app, signet_start_register(app->client, app->model, app->sn, app->id, app->sn_ticket), on_registered);
    memset(app->sn_ticket, 0, sizeof app->sn_ticket);
  }
  signet_call_free(call);
}

int main(int argc, char** argv) {
  struct app app = {NULL, NULL, NULL, NULL, NULL, "", SIGNET_PENDING};

  if (argc != 5) {
    fprintf(stderr, "usage: %s MODEL SN APP SERVER < sn-ticket\n", argv[0]);
    return 2;
  }
  app.model = argv[1];
  app.sn = argv[2];
  app.id = argv[3];
  app.server = argv[4];
  if (signet_open(&app.client, SIGNET_OPEN_DEFERRED) != SIGNET_OK) return 1;
  then(&app, signet_start_device_info(app.client), on_info);

  while (app.status == SIGNET_PENDING) {
    struct pollfd wait;
    wait.fd = signet_poll_fd(app.client);
    wait.events = (short)signet_poll_events(app.client);
    wait.revents = 0;
    poll(&wait, 1, signet_poll_timeout(app.client));
    signet_process(app.client); /* a bus that is lost shows in the calls */
  }
  signet_close(app.client);
  return app.status;
}
