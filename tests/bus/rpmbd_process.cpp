#include "tests/bus/rpmbd_process.h"

#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace signet::testing {
namespace {

constexpr const char* kPrefix = "org.signet.Error.";

// The bus learns who somebody is when the connection is made.
std::unique_ptr<sdbus::IConnection> connect_as(uid_t uid, const std::string& address) {
  const uid_t own = ::geteuid();
  if (uid != own && ::seteuid(uid) != 0) throw std::runtime_error{"seteuid"};
  auto connection = sdbus::createSessionBusConnectionWithAddress(address);
  (void)connection->getUniqueName();  // waits until the bus has let us in
  if (uid != own && ::seteuid(own) != 0) throw std::runtime_error{"seteuid back"};
  return connection;
}

std::string own_user() { return ::getpwuid(::geteuid())->pw_name; }

void wait_until(const std::string& what, const std::function<bool()>& condition) {
  for (int tries = 0; !condition(); ++tries) {
    if (tries == 3000) throw std::runtime_error{"waited 30 s for " + what};
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

}  // namespace

Client::Client(const std::string& address, uid_t uid)
    : connection_{connect_as(uid, address)},
      proxy_{sdbus::createProxy(*connection_, sdbus::ServiceName{kName}, sdbus::ObjectPath{"/org/signet/Rpmb1"})} {}

void Client::process_until(const std::function<bool()>& done) {
  while (!done()) {
    if (connection_->processPendingEvent()) continue;
    const auto data = connection_->getEventLoopPollData();
    pollfd events{data.fd, data.events, 0};
    ::poll(&events, 1, 100);
  }
}

std::string error_of(const std::function<void()>& call) try {
  call();
  return "";
} catch (const sdbus::Error& error) {
  const std::string name{error.getName()};
  return name.starts_with(kPrefix) ? name.substr(std::string_view{kPrefix}.size()) : name;
}

RpmbdTest::RpmbdTest() {
  std::ofstream{path("root-secret")} << std::string(64, '7');
  ::chmod(path("root-secret").c_str(), 0600);
  std::filesystem::create_directory(path("state"));
  configure();
}

uid_t RpmbdTest::uid_of(const char* user) { return ::getpwnam(user)->pw_uid; }

void RpmbdTest::configure(const std::string& more) {
  std::ofstream{path("rpmbd.toml")}
      << "[chip]\ntransport = \"emulator\"\n[emulator]\nfile = \"" << chip_.string() << "\"\nsize = 131072\nfaults = \""
      << path("faults").string() << "\"\n[root]\nfile = \"" << path("root-secret").string()
      << "\"\n[[client]]\nuser = \"" << own_user()
      << "\"\nnamespace = \"admin\"\nwrites_per_day = 1000000\nbytes = 131072\n"
      << "rights = [\"store\", \"keys\", \"counters\", \"evidence\", \"registration\", \"tickets\", \"admin\"]\n"
      << more;
}

std::vector<std::string> RpmbdTest::command() const {
  return {SIGNET_RPMBD, "--config", path("rpmbd.toml").string(), "--state-dir", path("state").string()};
}

std::vector<std::string> RpmbdTest::environment() const {
  // The daemon forbids to be traced, which the leak sanitizer needs at the end.
  return {"DBUS_SYSTEM_BUS_ADDRESS=" + bus_.address(), "ASAN_OPTIONS=detect_leaks=0"};
}

void RpmbdTest::start() {
  daemon_ = Child{command(), path("rpmbd.log"), environment()};
  const auto bus = sdbus::createSessionBusConnectionWithAddress(bus_.address());
  const auto driver =
      sdbus::createProxy(*bus, sdbus::ServiceName{"org.freedesktop.DBus"}, sdbus::ObjectPath{"/org/freedesktop/DBus"});
  wait_until("the bus name; log: " + log(), [&] {
    bool owned = false;
    driver->callMethod("NameHasOwner")
        .onInterface("org.freedesktop.DBus")
        .withArguments(std::string{kName})
        .storeResultsTo(owned);
    return owned;
  });
}

void RpmbdTest::start_ready() {
  start();
  if (!std::filesystem::exists(path("state/provisioning"))) provision();
  wait_for_problem("");
}

void RpmbdTest::provision() {
  wait_for_problem("not_provisioned");
  auto admin = client();
  const auto cid = admin.property<Dictionary>("Chip").at("cid").get<std::string>();
  admin.run(kChip, "Provision", cid, Dictionary{{"root_backup", sdbus::Variant{"none-accepted"}}});
}

void RpmbdTest::kill_and_restart() {
  if (daemon_.running()) daemon_.signal(SIGKILL);
  daemon_.wait();
  start_ready();
}

void RpmbdTest::wait_for_problem(const std::string& problem) {
  auto admin = client();
  wait_until("the problem '" + problem + "'", [&] {
    return admin.property<std::string>("State") != "starting" && admin.property<std::string>("Problem") == problem;
  });
}

void RpmbdTest::set_faults(const std::string& text) const {
  std::ofstream{path("faults.new")} << text;
  std::filesystem::rename(path("faults.new"), path("faults"));
}

std::string RpmbdTest::log() const {
  std::ifstream stream{path("rpmbd.log")};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

}  // namespace signet::testing
