/* The least a service on D-Bus can be with systemd's library: one object with one empty method. What rpmbd is measured
 * against. Usage: floor-service NAME; the bus is that of DBUS_SYSTEM_BUS_ADDRESS. */
#include <stdint.h>
#include <systemd/sd-bus.h>

static int empty(sd_bus_message* call, void* unused, sd_bus_error* error) {
  (void)unused;
  (void)error;
  return sd_bus_reply_method_return(call, "");
}

static const sd_bus_vtable kMethods[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Empty", "", "", empty, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

int main(int argc, char** argv) {
  sd_bus* bus = NULL;
  if (argc != 2 || sd_bus_open_system(&bus) < 0) return 1;
  if (sd_bus_add_object_vtable(bus, NULL, "/floor", "bench.Floor", kMethods, NULL) < 0) return 1;
  if (sd_bus_request_name(bus, argv[1], 0) < 0) return 1;
  for (;;) {
    int done = sd_bus_process(bus, NULL);
    if (done < 0) return 0; /* the bus is gone, and so are we */
    if (done == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return 1;
  }
}
