/* An rpmbd of another interface generation, as far as a client can tell: the name, and nothing of what it looks for. */
#include <stdio.h>
#include <systemd/sd-bus.h>

int main(void) {
  sd_bus* bus = NULL;
  if (sd_bus_open_system(&bus) < 0 || sd_bus_request_name(bus, "org.signet.Rpmb1", 0) < 0) return 1;
  puts("ready");
  fflush(stdout);
  for (;;) {
    const int done = sd_bus_process(bus, NULL);
    if (done < 0) return 1;
    if (done == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return 1;
  }
}
