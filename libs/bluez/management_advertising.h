// Advertising through the kernel's management socket, around bluetoothd: octet-exact data with the flags where we put
// them, long frames and chosen intervals whatever bluetoothd's version.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bluez/advertising.h"
#include "bluez/job_queue.h"
#include "bluez/management_socket.h"

namespace signet::bluez {

// bluetoothd numbers advertising instances from 1 and clears all of them when it starts; ours are numbered from the top
// and put back whenever somebody removes them. Two instances of this class on one controller would fight.
//
// Rotation removes and adds the instance: an extended controller then always takes a new address; a legacy one does
// once rpa_timeout has passed. Hold changes the data alone, which leaves an extended controller's address as it is.
class ManagementAdvertising final : public Advertising {
 public:
  struct Options {
    std::optional<std::uint16_t> controller{};  // 0 for hci0; by default the first one with low energy
    std::chrono::milliseconds patience = std::chrono::seconds{10};             // with one command
    std::chrono::milliseconds busy_pause = std::chrono::milliseconds{100};     // before a command is repeated
    std::chrono::milliseconds restore_pause = std::chrono::milliseconds{100};  // at first; doubles up to 600 times that
    std::chrono::milliseconds refresh_pause = std::chrono::milliseconds{200};  // after a connection
    std::function<void(const Error&)> lost{};  // the socket has ended, and this object is of no use any more
  };

  // `socket`: from open_management_socket(). Looks for the controller at once.
  ManagementAdvertising(boost::asio::io_context& loop, UniqueFd socket, Options options);
  // Takes its instances off the air, as far as that needs no waiting. After a crash they stay on the air (the kernel
  // knows no owner) until the next start, which removes them first.
  ~ManagementAdvertising() override;

  void apply(Change change, Done done) override;
  [[nodiscard]] Controller controller() const override { return controller_; }
  [[nodiscard]] std::set<Limitation> limitations() const override;
  [[nodiscard]] std::optional<DeviceAddress> address(Slot slot) const override;
  void listen(std::function<void()> changed) override { changed_ = std::move(changed); }

 private:
  // One command of a job, and what is on the air once it has succeeded.
  struct Step {
    Bytes frame;
    management::Opcode opcode{};
    Slot slot{};
    std::optional<Advert> leaves{};
  };
  // Something to do with the controller, one after the other.
  struct Job {
    enum class Kind { find, change, restore, refresh } kind{};
    Change change{};
    Done done{};
  };

  void put_first(Job::Kind kind);
  void begin();

  void find();
  void find_later();
  void inspect(std::vector<std::uint16_t> candidates);
  void read_features(std::uint16_t index, management::Information information);
  void adopt(std::uint16_t index, const management::Information& information,
             const management::AdvertisingFeatures& features);
  void lose_controller();

  void start_change();
  Result<void> admit(const Change& change);
  void plan_change();
  void plan_restore();
  void plan_refresh();
  void remove(Slot slot);
  void add(Slot slot, const Advert& advert);
  void replace_data(Slot slot, const Advert& advert);
  void hold(Slot slot, const Advert& advert);
  void run_step();
  void step_done(const Result<management::CommandDone>& answer);
  void step_failed(const Step& step, management::Status status);
  void replan();

  void hear(const management::Event& event);
  void settings(std::uint32_t current);
  void restore_later();
  void refresh_later();
  [[nodiscard]] bool works() const { return controller_.powered; }
  [[nodiscard]] bool fits(const Advert& advert) const { return advert.data.size() <= controller_.longest; }
  [[nodiscard]] management::Parameters parameters(Slot slot, const Advert& advert) const;
  std::optional<std::uint8_t> instance(Slot slot);
  void tell();

  boost::asio::io_context& loop_;
  Options options_;
  ManagementSocket socket_;
  boost::asio::steady_timer busy_;
  boost::asio::steady_timer restore_;
  boost::asio::steady_timer refresh_;
  boost::asio::steady_timer search_;
  std::chrono::milliseconds search_pause_;
  bool unanswered_ = false;  // a controller has been asked in vain

  std::uint16_t index_ = management::kNoIndex;
  Controller controller_;
  bool link_layer_privacy_ = false;
  bool extended_commands_ = true;  // until the kernel says that it does not know them
  bool permitted_ = true;

  std::map<Slot, Advert> wanted_;
  std::map<Slot, Advert> on_air_;
  std::map<Slot, std::uint8_t> instances_;

  JobQueue<Job> jobs_;
  std::deque<Step> steps_;
  int repeats_ = 0;
  bool restore_waits_ = false;
  std::chrono::steady_clock::time_point last_restore_{};
  std::chrono::milliseconds pause_{};

  std::function<void()> changed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez
