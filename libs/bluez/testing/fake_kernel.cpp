#include "bluez/testing/fake_kernel.h"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace signet::bluez::testing {
namespace {

using management::Opcode;
using management::Status;

std::uint32_t load(BytesView from, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint32_t>(from[offset + i]) << (8 * i);
  return value;
}

void store(Bytes& to, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

FakeKernel::FakeKernel(boost::asio::io_context& loop, const Clock& clock, FakeController controller)
    : loop_{loop}, clock_{clock}, controller_{controller}, socket_{loop} {
  int ends[2] = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
    throw std::runtime_error{"socketpair"};
  client_ = UniqueFd{ends[0]};
  socket_.assign(ends[1]);
  wait();
}

FakeKernel::~FakeKernel() { *alive_ = false; }

void FakeKernel::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = alive_](const boost::system::error_code& cancelled) {
                       if (cancelled || !*alive) return;
                       Bytes frame(1024);
                       const auto got = ::recv(socket_.native_handle(), frame.data(), frame.size(), MSG_DONTWAIT);
                       if (got == 0) return;  // the other end is closed
                       if (got > 0) handle(BytesView{frame}.first(static_cast<std::size_t>(got)));
                       wait();
                     });
}

void FakeKernel::handle(BytesView frame) {
  if (frame.size() < 6 || frame.size() != 6 + load(frame, 4, 2)) throw std::runtime_error{"malformed command"};
  const auto code = static_cast<std::uint16_t>(load(frame, 0, 2));
  const auto opcode = Opcode{code};
  const auto index = load(frame, 2, 2);
  const auto body = frame.subspan(6);
  commands_.push_back(opcode);
  if (ignored_ > 0) {
    --ignored_;
    return;
  }
  if (!answers_.empty()) {
    const auto status = answers_.front();
    answers_.pop_front();
    return complete(code, status);
  }
  if (opcode == Opcode::read_index_list) {
    Bytes list;
    store(list, present_ ? 1 : 0, 2);
    if (present_) store(list, controller_.index, 2);
    return complete(code, Status::success, list);
  }
  if (!present_ || index != controller_.index) return complete(code, Status::invalid_index);
  switch (opcode) {
    case Opcode::read_information: return complete(code, Status::success, information());
    case Opcode::read_advertising_features: return complete(code, Status::success, features());
    case Opcode::add_extended_parameters: return complete(code, add_parameters(body), Bytes{body[0], 0x7f, 31, 31});
    case Opcode::add_extended_data: return complete(code, add_data(body[0], body.subspan(3)), body.first(1));
    case Opcode::add_advertising: return complete(code, add_old(body), body.first(1));
    case Opcode::remove_advertising: return complete(code, remove(body[0], false), body.first(1));
    default: return complete(code, Status::unknown_command);
  }
}

void FakeKernel::complete(std::uint16_t opcode, Status status, BytesView parameters) {
  Bytes body;
  store(body, opcode, 2);
  body.push_back(static_cast<std::uint8_t>(status));
  if (status == Status::success) append(body, parameters);
  Bytes frame;
  store(frame, status == Status::success ? 0x0001 : 0x0002, 2);
  store(frame, opcode == 0x0003 ? management::kNoIndex : controller_.index, 2);
  store(frame, static_cast<std::uint32_t>(body.size()), 2);
  append(frame, body);
  send_raw(frame);
}

void FakeKernel::event(std::uint16_t code, BytesView parameters) {
  Bytes frame;
  store(frame, code, 2);
  store(frame, controller_.index, 2);
  store(frame, static_cast<std::uint32_t>(parameters.size()), 2);
  append(frame, parameters);
  send_raw(frame);
}

void FakeKernel::send_raw(const Bytes& frame) {
  (void)::send(socket_.native_handle(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

Bytes FakeKernel::information() const {
  Bytes all(controller_.address.rbegin(), controller_.address.rend());
  store(all, 9, 1);       // version
  store(all, 0x05f1, 2);  // manufacturer
  store(all, controller_.supported, 4);
  store(all, controller_.settings, 4);
  all.resize(280);  // class and names
  return all;
}

Bytes FakeKernel::features() const {
  Bytes all;
  store(all, 0x1f | (controller_.extended ? management::kSecondary1M : 0), 4);
  const std::uint8_t longest = controller_.extended ? 251 : 31;
  all.insert(all.end(), {longest, longest, controller_.sets, static_cast<std::uint8_t>(instances_.size())});
  for (const auto& [number, instance] : instances_) all.push_back(number);
  return all;
}

FakeKernel::Instance& FakeKernel::instance(std::uint8_t number) {
  const auto [entry, added] = instances_.try_emplace(number);
  if (added) entry->second.address = fresh_address();
  return entry->second;
}

// An extended set takes its address here: a new one if the instance is new or its address has expired.
Status FakeKernel::add_parameters(BytesView body) {
  if (!controller_.extended_commands) return Status::unknown_command;
  if (body.size() < 18) return Status::invalid_parameters;
  if ((controller_.settings & management::kPowered) == 0) return Status::rejected;
  if (body[0] == 0 || body[0] > controller_.sets) return Status::invalid_parameters;
  const bool known = instances_.contains(body[0]);
  if (!known && instances_.size() >= controller_.sets) return Status::failed;
  if (controller_.extended) silence(body[0]);
  auto& one = instance(body[0]);
  one.flags = load(body, 1, 4);
  one.interval = load(body, 9, 4);
  if (load(body, 13, 4) != one.interval) throw std::runtime_error{"least and greatest interval differ"};
  const auto now = clock_.monotonic();
  if (known && now - one.since >= controller_.rpa_timeout) one.address = fresh_address();
  if (!known || one.since + controller_.rpa_timeout <= now) one.since = now;
  return Status::success;
}

Status FakeKernel::add_data(std::uint8_t number, BytesView data) {
  if ((controller_.settings & management::kPowered) == 0) return Status::rejected;
  const auto entry = instances_.find(number);
  if (entry == instances_.end()) return Status::invalid_parameters;
  entry->second.data.assign(data.begin(), data.end());
  if (controller_.extended) {
    show(number, entry->second, entry->second.address);
    return Status::success;
  }
  // Legacy: data first, then the address, then all of them.
  if (const auto now = on_air_.find(number); now != on_air_.end()) show(number, entry->second, now->second.address);
  const auto address = shared_address();
  show(number, entry->second, address);
  for (const auto& [other, frame] : std::map<std::uint8_t, OnAir>{on_air_}) show(other, instances_.at(other), address);
  return Status::success;
}

Status FakeKernel::add_old(BytesView body) {
  if (body.size() < 11 || body[0] == 0 || body[0] > controller_.sets) return Status::invalid_parameters;
  auto& one = instance(body[0]);
  one.flags = load(body, 1, 4);
  return add_data(body[0], body.subspan(11));
}

Status FakeKernel::remove(std::uint8_t number, bool tell) {
  if (instances_.erase(number) == 0) return Status::invalid_parameters;
  silence(number);
  if (tell) event(0x0024, Bytes{number});
  return Status::success;
}

void FakeKernel::show(std::uint8_t number, const Instance& instance, const DeviceAddress& address) {
  const bool privacy = (controller_.settings & management::kPrivacy) != 0;
  const OnAir frame{privacy ? address : controller_.address, instance.data, instance.flags, instance.interval};
  if (const auto now = on_air_.find(number); now != on_air_.end() && now->second == frame) return;
  on_air_.insert_or_assign(number, frame);
  history_.emplace_back(number, frame);
}

void FakeKernel::silence(std::uint8_t number) {
  if (on_air_.erase(number) > 0) history_.emplace_back(number, std::nullopt);
}

void FakeKernel::silence_all() {
  for (const auto& [number, frame] : std::map<std::uint8_t, OnAir>{on_air_}) silence(number);
}

DeviceAddress FakeKernel::fresh_address() { return {0x40, 0, 0, 0, 0, ++made_}; }

DeviceAddress FakeKernel::shared_address() {
  const auto now = clock_.monotonic();
  if (!shared_ || now - shared_since_ >= controller_.rpa_timeout) {
    shared_ = fresh_address();
    shared_since_ = now;
  }
  return *shared_;
}

// The controller forgets its sets, the kernel does not: on an extended one nothing is on the air afterwards, a legacy
// one is put back by the kernel.
void FakeKernel::set_power(bool on) {
  controller_.settings =
      on ? controller_.settings | management::kPowered : controller_.settings & ~management::kPowered;
  silence_all();
  shared_.reset();
  Bytes settings;
  store(settings, controller_.settings, 4);
  event(0x0006, settings);
  if (!on || controller_.extended) return;
  for (const auto& [number, instance] : instances_) show(number, instance, shared_address());
}

void FakeKernel::unplug() {
  present_ = false;
  silence_all();
  instances_.clear();
  event(0x0005, {});
}

void FakeKernel::plug_in() {
  present_ = true;
  event(0x0004, {});
}

void FakeKernel::remove_all() {
  for (const auto& [number, instance] : std::map<std::uint8_t, Instance>{instances_}) (void)remove(number, true);
}

void FakeKernel::add_foreign(std::uint8_t number) {
  auto& one = instance(number);
  one.data = {0x02, 0x01, 0x1a};
  show(number, one, one.address);
  event(0x0023, Bytes{number});
}

void FakeKernel::connect() {
  if (controller_.extended) silence_all();
  event(0x000b, Bytes(13, 0));
}

void FakeKernel::answer_next(Status status, int times) {
  answers_.insert(answers_.end(), static_cast<std::size_t>(times), status);
}

}  // namespace signet::bluez::testing
