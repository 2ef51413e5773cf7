// A button and a speaker of a device that has neither: an input device made in user space (Linux, Documentation/input/
// uinput.rst). Presses what it is told on its standard input, and prints the sounds that it is asked to make.
//
//   in:  key CODE VALUE      1 pressed, 0 released
//   out: device PATH         once
//        sound CODE VALUE    for each sound event of a client: SND_BELL 1, SND_TONE 2; 0 is silence
#include <dirent.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/uinput.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

constexpr std::array kKeys{KEY_POWER, KEY_RESTART, KEY_FN, BTN_0, BTN_1};

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

int make_device() {
  const int fd = checked(open("/dev/uinput", O_RDWR | O_CLOEXEC | O_NONBLOCK), "/dev/uinput");
  checked(ioctl(fd, UI_SET_EVBIT, EV_KEY), "UI_SET_EVBIT");
  for (const int key : kKeys) checked(ioctl(fd, UI_SET_KEYBIT, key), "UI_SET_KEYBIT");
  checked(ioctl(fd, UI_SET_EVBIT, EV_SND), "UI_SET_EVBIT");
  checked(ioctl(fd, UI_SET_SNDBIT, SND_BELL), "UI_SET_SNDBIT");
  checked(ioctl(fd, UI_SET_SNDBIT, SND_TONE), "UI_SET_SNDBIT");
  uinput_setup setup{};
  setup.id.bustype = BUS_VIRTUAL;
  std::strncpy(setup.name, "signet test input", sizeof setup.name - 1);
  checked(ioctl(fd, UI_DEV_SETUP, &setup), "UI_DEV_SETUP");
  checked(ioctl(fd, UI_DEV_CREATE), "UI_DEV_CREATE");
  return fd;
}

std::string path_of(int device) {
  std::array<char, 64> name{};
  checked(ioctl(device, UI_GET_SYSNAME(name.size()), name.data()), "UI_GET_SYSNAME");
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{
      opendir((std::string{"/sys/devices/virtual/input/"} + name.data()).c_str()), closedir};
  while (const auto* entry = folder ? readdir(folder.get()) : nullptr)
    if (std::strncmp(entry->d_name, "event", 5) == 0) return std::string{"/dev/input/"} + entry->d_name;
  throw std::runtime_error("the device has no event node");
}

void send(int device, int type, int code, int value) {
  input_event event{};
  event.type = static_cast<__u16>(type);
  event.code = static_cast<__u16>(code);
  event.value = value;
  if (write(device, &event, sizeof event) != sizeof event)
    throw std::system_error(errno, std::generic_category(), "write");
}

void obey(int device, const std::string& line) {
  std::istringstream words{line};
  std::string what;
  int code = 0;
  int value = 0;
  if (!(words >> what >> code >> value) || what != "key") {
    std::printf("error: not a command: %s\n", line.c_str());
    return;
  }
  send(device, EV_KEY, code, value);
  send(device, EV_SYN, SYN_REPORT, 0);
}

void show_sounds(int device) {
  input_event event{};
  while (read(device, &event, sizeof event) == sizeof event)
    if (event.type == EV_SND) std::printf("sound %u %d\n", event.code, event.value);
}

// The lines that are complete in what can be read at once.
void read_commands(int device, std::string& pending) {
  std::array<char, 512> octets{};
  const auto size = checked(static_cast<int>(read(STDIN_FILENO, octets.data(), octets.size())), "read");
  if (size == 0) std::exit(EXIT_SUCCESS);
  pending.append(octets.data(), static_cast<std::size_t>(size));
  for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
    obey(device, pending.substr(0, end));
    pending.erase(0, end + 1);
  }
}

}  // namespace

int main() try {
  const int device = make_device();
  std::printf("device %s\n", path_of(device).c_str());
  std::string pending;
  for (;;) {
    std::fflush(stdout);
    std::array<pollfd, 2> sources{{{STDIN_FILENO, POLLIN, 0}, {device, POLLIN, 0}}};
    checked(poll(sources.data(), sources.size(), -1), "poll");
    if (sources[0].revents != 0) read_commands(device, pending);
    if (sources[1].revents != 0) show_sounds(device);
  }
} catch (const std::exception& failure) {
  std::printf("error: %s\n", failure.what());
  return EXIT_FAILURE;
}
