#include "bluez/rfcomm_profile.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <utility>

#include "bluez/octet_stream.h"
#include "ipc/dbus/asio_bus.h"

namespace signet::bluez {
namespace {

constexpr const char* kProfile = "org.bluez.Profile1";
constexpr const char* kManager = "org.bluez.ProfileManager1";
constexpr std::chrono::milliseconds kRetry{250};  // at first; doubles
constexpr std::chrono::milliseconds kLongestRetry{64'000};

using Options = BluezObjects::Properties;

sdbus::Error rejected(std::string why) {
  return sdbus::Error{sdbus::Error::Name{"org.bluez.Error.Rejected"}, std::move(why)};
}

}  // namespace

class RfcommProfile::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez,
       std::string path, Service service, StreamListener listener)
      : loop_{loop},
        bus_{bus},
        pump_{pump},
        bluez_{bluez},
        path_{std::move(path)},
        service_{std::move(service)},
        listener_{std::move(listener)},
        retry_{loop} {}

  void start() {
    make_object();
    const auto weak = weak_from_this();
    bluez_.listen({.added =
                       [weak](const std::string& path, const std::string& interface, const BluezObjects::Properties&) {
                         if (interface != kManager) return;
                         if (const auto self = weak.lock()) self->register_with(path);
                       },
                   .changed = {},
                   .removed =
                       [weak](const std::string&, const std::string& interface) {
                         if (interface != kManager) return;
                         if (const auto self = weak.lock()) self->lost();
                       }});
  }

  void stop() {
    retry_.cancel();
    listener_ = {};
    for (const auto& [id, stream] : streams_) stream.octets->abandon();
    streams_.clear();
    if (!registered_) return;
    bluez_.call({.path = manager_, .interface = kManager, .name = "UnregisterProfile", .object = path_},
                [](const std::optional<sdbus::Error>&) {});
  }

  void send(StreamId id, BytesView octets) {
    if (const auto at = streams_.find(id); at != streams_.end()) at->second.octets->send(octets);
  }

  void close(StreamId id) {
    const auto at = streams_.find(id);
    if (at == streams_.end()) return;
    const auto octets = std::move(at->second.octets);
    streams_.erase(at);
    octets->close();
  }

  bool registered_ = false;

 private:
  struct Stream {
    std::string device;
    std::shared_ptr<OctetStream> octets;
  };
  using Answer = std::shared_ptr<sdbus::Result<>>;

  void make_object() {
    object_ = sdbus::createObject(bus_, sdbus::ObjectPath{path_});
    const auto from_bluetoothd = [this] { bluez_.authenticate(*object_); };
    object_
        ->addVTable(
            sdbus::registerMethod("Release").implementedAs(from_bluetoothd),
            sdbus::registerMethod("Cancel").implementedAs(from_bluetoothd),
            sdbus::registerMethod("RequestDisconnection").implementedAs([this](const sdbus::ObjectPath& device) {
              bluez_.authenticate(*object_);
              close_those_of(device);
            }),
            sdbus::registerMethod("NewConnection")
                .implementedAs([this](sdbus::Result<>&& answer, const sdbus::ObjectPath& device,
                                      const sdbus::UnixFd& socket, const Options&) {
                  bluez_.authenticate(*object_);
                  judge(std::make_shared<sdbus::Result<>>(std::move(answer)), device, socket);
                }))
        .forInterface(kProfile);
  }

  // A connection may be the first that follows a pairing, and is told before the bond is: so the bond is asked for.
  void judge(const Answer& answer, const std::string& device, const sdbus::UnixFd& socket) {
    bluez_.get({.path = device, .interface = "org.bluez.Device1", .name = "Bonded"},
               [weak = weak_from_this(), answer, device,
                socket = std::make_shared<sdbus::UnixFd>(socket)](const std::optional<sdbus::Variant>& bonded) {
                 const auto self = weak.lock();
                 if (!self) return;
                 const bool admitted = bonded && bonded->containsValueOfType<bool>() && bonded->get<bool>();
                 self->reply(*answer, admitted ? self->admit(device, UniqueFd{socket->release()}) : "not bonded");
               });
  }

  void reply(const sdbus::Result<>& answer, const char* refusal) {
    try {
      if (refusal != nullptr) spdlog::info("{}: a connection is refused: {}", service_.name, refusal);
      refusal != nullptr ? answer.returnError(rejected(refusal)) : answer.returnResults();
      pump_.poke();
    } catch (const sdbus::Error& error) {
      spdlog::warn("{}: answer: {}", service_.name, error.getMessage());
    }
  }

  // Why not; nothing: it is.
  const char* admit(const std::string& device, UniqueFd socket) {
    close_those_of(device);
    if (streams_.size() >= kMostStreams) return "too many connections";
    const StreamId id = ++last_;
    const auto weak = weak_from_this();
    streams_.emplace(id, Stream{.device = device,
                                .octets = OctetStream::start(loop_, std::move(socket),
                                                             {.received =
                                                                  [weak, id](BytesView octets) {
                                                                    if (const auto self = weak.lock())
                                                                      self->received(id, octets);
                                                                  },
                                                              .closed =
                                                                  [weak, id] {
                                                                    if (const auto self = weak.lock()) self->closed(id);
                                                                  }})});
    if (listener_.opened) listener_.opened(id, device);
    return nullptr;
  }

  void received(StreamId id, BytesView octets) const {
    if (listener_.received) listener_.received(id, octets);
  }

  void closed(StreamId id) {
    streams_.erase(id);
    if (listener_.closed) listener_.closed(id);
  }

  void close_those_of(const std::string& device) {
    for (const auto& [id, stream] : std::map{streams_}) {
      if (stream.device == device) close(id);
    }
  }

  void register_with(const std::string& manager) {
    manager_ = manager;
    bluez_.call({.path = manager,
                 .interface = kManager,
                 .name = "RegisterProfile",
                 .object = path_,
                 .text = service_.uuid,
                 .options = Options{{"Name", sdbus::Variant{service_.name}},
                                    {"Role", sdbus::Variant{std::string{"server"}}},
                                    {"Channel", sdbus::Variant{std::uint16_t{0}}},  // any that is free
                                    {"RequireAuthentication", sdbus::Variant{true}},
                                    {"RequireAuthorization", sdbus::Variant{false}},  // judge() does it
                                    {"AutoConnect", sdbus::Variant{false}}}},
                [weak = weak_from_this()](const std::optional<sdbus::Error>& error) {
                  if (const auto self = weak.lock()) self->answered(error);
                });
  }

  void answered(const std::optional<sdbus::Error>& error) {
    if (!bluez_.has(manager_, kManager)) return;  // gone again meanwhile
    if (error && error->getName() != "org.bluez.Error.AlreadyExists") {
      spdlog::warn("{}: {}", service_.name, error->getMessage());
      return retry_later();
    }
    pause_ = kRetry;
    registered_ = true;
  }

  void retry_later() {
    retry_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, kLongestRetry);
    retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self || !self->bluez_.has(self->manager_, kManager)) return;
      self->register_with(self->manager_);
    });
  }

  // bluetoothd has ended, and with it every link, as far as it knows.
  void lost() {
    registered_ = false;
    retry_.cancel();
    for (const auto& [id, stream] : std::map{streams_}) close(id);
  }

  boost::asio::io_context& loop_;
  sdbus::IConnection& bus_;
  dbus::AsioBus& pump_;
  BluezObjects& bluez_;
  std::string path_;
  Service service_;
  StreamListener listener_;
  boost::asio::steady_timer retry_;
  std::chrono::milliseconds pause_ = kRetry;
  std::string manager_;
  std::unique_ptr<sdbus::IObject> object_;
  std::map<StreamId, Stream> streams_;  // open ones
  StreamId last_ = 0;
};

RfcommProfile::RfcommProfile(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump,
                             BluezObjects& bluez, std::string path, Service service, StreamListener listener)
    : impl_{std::make_shared<Impl>(loop, bus, pump, bluez, std::move(path), std::move(service), std::move(listener))} {
  impl_->start();
}

RfcommProfile::~RfcommProfile() { impl_->stop(); }

void RfcommProfile::send(StreamId stream, BytesView octets) { impl_->send(stream, octets); }

void RfcommProfile::close(StreamId stream) { impl_->close(stream); }

bool RfcommProfile::registered() const { return impl_->registered_; }

}  // namespace signet::bluez
