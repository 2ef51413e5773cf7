// libsignet for C++17 and up: the C ABI of <signet/signet.h> with owners and exceptions; header only, so that no C++
// ABI is promised. What the operations mean, who may call what when, and how a failure is to be read stands in the C
// header.
//
// Failures are exceptions of type signet::client::Error. Why not a result type: std::expected is C++23, a type of our
// own would be one more to learn, and callers that prefer codes have the C functions beside these.
#pragma once

#include <signet/signet.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::client {

using Octets = std::vector<std::uint8_t>;

// Octets of the caller's, not copied: anything with data() and size().
struct OctetsView {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;

  OctetsView() = default;
  OctetsView(const std::uint8_t* octets, std::size_t count) : data{octets}, size{count} {}
  OctetsView(const Octets& octets) : data{octets.data()}, size{octets.size()} {}  // NOLINT: implicit on purpose
  OctetsView(std::string_view text)                                               // NOLINT: implicit on purpose
      : data{reinterpret_cast<const std::uint8_t*>(text.data())}, size{text.size()} {}
};

class Error : public std::runtime_error {
 public:
  Error(int code, const char* text) : std::runtime_error{*text ? text : signet_strerror(code)}, code_{code} {}

  [[nodiscard]] int code() const { return code_; }  // SIGNET_E_*
  [[nodiscard]] const char* name() const { return signet_error_name(code_); }
  [[nodiscard]] signet_category category() const { return signet_error_category(code_); }

 private:
  int code_;
};

// One row of a result. Valid as long as the Result it came from.
class Row {
 public:
  Row(const signet_result* result, std::size_t row) : result_{result}, row_{row} {}

  // Nothing: there is no such field, or it has another type.
  [[nodiscard]] std::optional<std::string> text(const char* field) const {
    const char* value = signet_result_string(result_, row_, field);
    return value ? std::optional<std::string>{value} : std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint64_t> number(const char* field) const {
    std::uint64_t value = 0;
    return signet_result_uint(result_, row_, field, &value) == SIGNET_OK ? std::optional{value} : std::nullopt;
  }
  [[nodiscard]] std::optional<double> real(const char* field) const {
    double value = 0;
    return signet_result_double(result_, row_, field, &value) == SIGNET_OK ? std::optional{value} : std::nullopt;
  }
  [[nodiscard]] std::optional<bool> flag(const char* field) const {
    int value = 0;
    return signet_result_bool(result_, row_, field, &value) == SIGNET_OK ? std::optional{value != 0} : std::nullopt;
  }
  [[nodiscard]] std::optional<Octets> octets(const char* field) const {
    std::size_t size = 0;
    const std::uint8_t* data = signet_result_bytes(result_, row_, field, &size);
    return data ? std::optional<Octets>{Octets(data, data + size)} : std::nullopt;
  }
  [[nodiscard]] std::vector<std::string> texts(const char* field) const {
    std::vector<std::string> items;
    for (std::size_t i = 0; const char* item = signet_result_item(result_, row_, field, i); ++i)
      items.emplace_back(item);
    return items;
  }

  [[nodiscard]] signet_type type(const char* field) const { return signet_result_type(result_, row_, field); }
  [[nodiscard]] std::vector<std::string> fields() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; const char* name = signet_result_field(result_, row_, i); ++i) names.emplace_back(name);
    return names;
  }

 private:
  const signet_result* result_;
  std::size_t row_;
};

// What an operation answered; owns it.
class Result {
 public:
  explicit Result(signet_result* result) : result_{result} {}

  [[nodiscard]] std::size_t size() const { return signet_result_rows(result_.get()); }
  [[nodiscard]] Row operator[](std::size_t row) const { return Row{result_.get(), row}; }
  [[nodiscard]] Row front() const { return (*this)[0]; }

 private:
  struct Deleter {
    void operator()(signet_result* result) const { signet_result_free(result); }
  };
  std::unique_ptr<signet_result, Deleter> result_;
};

// An operation under way. Destroying it cancels it.
class Call {
 public:
  using Done = std::function<void(Call&)>;

  explicit Call(signet_call* call) : call_{call} {
    if (!call) throw std::bad_alloc{};
  }

  // `done` runs inside Client::process(), once; this object has to stay where it is until then.
  void on_done(Done done) {
    done_ = std::make_unique<Waiting>(Waiting{this, std::move(done)});
    signet_call_on_done(
        call_.get(), [](signet_call*, void* waiting) { static_cast<Waiting*>(waiting)->run(); }, done_.get());
  }
  // False: still pending after `timeout`; without one, waits until it has ended.
  bool wait() { return signet_call_wait(call_.get(), -1) != SIGNET_PENDING; }
  bool wait(std::chrono::milliseconds timeout) {
    return signet_call_wait(call_.get(), static_cast<int>(timeout.count())) != SIGNET_PENDING;
  }
  void cancel() { signet_call_cancel(call_.get()); }

  [[nodiscard]] int status() const { return signet_call_status(call_.get()); }
  [[nodiscard]] std::string stage() const { return signet_call_stage(call_.get()); }  // of a registration
  // The first row of the answer. Throws Error when the call has failed or is pending.
  [[nodiscard]] Row answer(std::size_t row = 0) const {
    if (status() != SIGNET_OK) throw Error{status(), signet_call_error_text(call_.get())};
    return Row{signet_call_result(call_.get()), row};
  }
  [[nodiscard]] std::size_t rows() const { return signet_result_rows(signet_call_result(call_.get())); }

 private:
  struct Waiting {
    Call* call;
    Done done;
    void run() {
      const Done run_once = std::move(done);  // may destroy the call and this with it
      run_once(*call);
    }
  };
  struct Deleter {
    void operator()(signet_call* call) const { signet_call_free(call); }
  };
  std::unique_ptr<Waiting> done_;
  std::unique_ptr<signet_call, Deleter> call_;
};

// Proof of this device's identity, for an audience.
struct Ticket {
  std::string text;  // a credential
  std::chrono::system_clock::time_point expires;
};

// What a ticket shall be; everything may be left out.
struct TicketOptions {
  std::string nonce;       // the verifier's; empty: a bearer ticket
  std::string ext;         // JSON object
  std::string client_key;  // name of one of the caller's own keys
  std::string model_id;    // compared with that of the device
  std::chrono::seconds lifetime{0};
  bool fresh = false;  // not one that this client has kept

  // Valid as long as this.
  [[nodiscard]] signet_ticket_options plain() const {
    signet_ticket_options options = SIGNET_TICKET_OPTIONS_INIT;
    options.nonce = nonce.c_str();
    options.ext = ext.c_str();
    options.client_key = client_key.c_str();
    options.model_id = model_id.c_str();
    options.lifetime_s = static_cast<std::uint32_t>(lifetime.count());
    options.flags = fresh ? SIGNET_TICKET_FRESH : 0u;
    return options;
  }
};

// What a verifier believes; see signet_ticket_trust.
struct TicketTrust {
  std::string ca_pem;
  std::vector<Octets> crls = {};  // DER
};

// The claims of a ticket that is genuine, see signet_ticket_verify(). Throws Error with the reason when it is not.
inline Result verify_ticket(const std::string& ticket, const std::string& audience, const TicketTrust& trust,
                            const std::optional<std::string>& nonce = {}) {
  std::vector<signet_crl> crls;
  for (const auto& crl : trust.crls) crls.push_back({crl.data(), crl.size()});
  signet_ticket_trust plain = SIGNET_TICKET_TRUST_INIT;
  plain.ca_pem = trust.ca_pem.c_str();
  plain.crls = crls.data();
  plain.crl_count = crls.size();
  signet_result* answer = nullptr;
  const int status =
      signet_ticket_verify(ticket.c_str(), audience.c_str(), nonce ? nonce->c_str() : nullptr, &plain, &answer);
  Result result{answer};
  if (status != SIGNET_OK) throw Error{status, result.front().text("reason").value_or("").c_str()};
  return result;
}

// A connection to the daemon. Not for two threads at once.
class Client {
 public:
  enum class Open { now, deferred };

  // Throws Error: no_service, incompatible, access_denied, timeout; never when deferred.
  explicit Client(Open when = Open::now) {
    signet_client* client = nullptr;
    const int status = signet_open(&client, when == Open::deferred ? SIGNET_OPEN_DEFERRED : 0u);
    client_.reset(client);
    if (!client) throw std::bad_alloc{};
    check(status);
  }

  void set_timeout(std::chrono::milliseconds timeout) {
    check(signet_set_timeout(client_.get(), static_cast<int>(timeout.count())));
  }

  Result status() { return result(signet_status); }
  Result whoami() { return result(signet_whoami); }
  std::string metrics() { return result(signet_metrics).front().text("text").value_or(""); }
  void refresh() { check(signet_refresh(client_.get())); }

  Result plan_provisioning() { return result(signet_chip_plan); }
  // IRREVERSIBLE. `proof`: nothing only together with SIGNET_PROVISION_NO_BACKUP in `flags`.
  void provision(const std::string& cid, const std::optional<Octets>& proof, unsigned flags = 0) {
    check(signet_chip_provision(client_.get(), cid.c_str(), proof ? proof->data() : nullptr, proof ? proof->size() : 0,
                                flags));
  }
  void format(const std::string& cid, std::uint32_t region = 0) {
    check(signet_chip_format(client_.get(), cid.c_str(), region));
  }
  void accept(const std::string& cid) { check(signet_chip_accept(client_.get(), cid.c_str())); }
  std::uint32_t chip_counter() {
    std::uint32_t counter = 0;
    check(signet_chip_counter(client_.get(), &counter));
    return counter;
  }

  Octets get(const std::string& name) { return octets(signet_start_store_get(client_.get(), name.c_str()), "value"); }
  void put(const std::string& name, OctetsView value) {
    check(signet_store_put(client_.get(), name.c_str(), value.data, value.size));
  }
  void remove(const std::string& name) { check(signet_store_delete(client_.get(), name.c_str())); }
  void apply(const std::vector<signet_change>& changes) {
    check(signet_store_apply(client_.get(), changes.data(), changes.size()));
  }
  Result list(const std::string& prefix = {}) { return result(signet_store_list, prefix.c_str()); }
  Result usage() { return result(signet_store_usage); }

  void generate_key(const std::string& name, const std::string& algorithm = SIGNET_ECDSA_P256) {
    check(signet_key_generate(client_.get(), name.c_str(), algorithm.c_str()));
  }
  Octets sign(const std::string& key, OctetsView data) {
    return octets(signet_start_key_sign(client_.get(), key.c_str(), data.data, data.size), "signature");
  }
  // False: not a signature of this key over this data.
  bool verify(const std::string& key, OctetsView data, OctetsView signature) {
    return valid(signet_key_verify(client_.get(), key.c_str(), data.data, data.size, signature.data, signature.size));
  }
  Octets public_key(const std::string& name) {
    return octets(signet_start_key_public(client_.get(), name.c_str()), "der");
  }
  void remove_key(const std::string& name) { check(signet_key_delete(client_.get(), name.c_str())); }
  Result keys() { return result(signet_key_list); }

  std::uint64_t create_counter(const std::string& name) { return number(signet_counter_create, name); }
  std::uint64_t increment_counter(const std::string& name) { return number(signet_counter_increment, name); }
  std::uint64_t read_counter(const std::string& name) { return number(signet_counter_read, name); }
  void remove_counter(const std::string& name) { check(signet_counter_delete(client_.get(), name.c_str())); }
  Result counters() { return result(signet_counter_list); }

  Octets evidence(OctetsView data) {
    return octets(signet_start_evidence_get(client_.get(), data.data, data.size), "frames");
  }
  // The field verdict is "ok", or the reason why the evidence is not genuine.
  Result verify_evidence(OctetsView data, OctetsView frames) {
    signet_result* answer = nullptr;
    valid(signet_evidence_verify(client_.get(), data.data, data.size, frames.data, frames.size, &answer));
    return Result{answer};
  }

  // Waits for the network. Throws Error: wrong_thread where an event loop waits for this client; see the C header.
  void register_device(const std::string& model_id, const std::string& sn, const std::string& app_id,
                       const std::string& sn_ticket) {
    check(signet_register(client_.get(), model_id.c_str(), sn.c_str(), app_id.c_str(), sn_ticket.c_str()));
  }
  void cancel_registration() { check(signet_registration_cancel(client_.get())); }
  void release_device(const std::string& release) { check(signet_device_release(client_.get(), release.c_str())); }
  Result device_info() { return result(signet_device_info); }
  Ticket ticket(const std::string& audience, const TicketOptions& options = {}) {
    const auto plain = options.plain();
    signet_result* answer = nullptr;
    check(signet_ticket_get(client_.get(), audience.c_str(), &plain, &answer));
    const Result owned{answer};
    return {owned.front().text("ticket").value_or(""),
            std::chrono::system_clock::time_point{std::chrono::seconds{owned.front().number("expires").value_or(0)}}};
  }
  void prefetch_ticket(const std::string& audience, const TicketOptions& options = {}) {
    const auto plain = options.plain();
    check(signet_ticket_prefetch(client_.get(), audience.c_str(), &plain));
  }

  // For the event loop, and for operations that are not waited for: Call{signet_start_store_get(client.handle(), "x")}.
  [[nodiscard]] signet_client* handle() { return client_.get(); }
  [[nodiscard]] int poll_fd() const { return signet_poll_fd(client_.get()); }
  [[nodiscard]] int poll_events() const { return signet_poll_events(client_.get()); }
  [[nodiscard]] int poll_timeout() const { return signet_poll_timeout(client_.get()); }
  void process() { check(signet_process(client_.get())); }

 private:
  void check(int status) const {
    if (status != SIGNET_OK) throw Error{status, signet_error_text(client_.get())};
  }
  bool valid(int status) const {
    if (status == SIGNET_E_BAD_SIGNATURE) return false;
    check(status);
    return true;
  }
  template <class Operation, class... Arguments>
  Result result(Operation operation, Arguments... arguments) {
    signet_result* answer = nullptr;
    check(operation(client_.get(), arguments..., &answer));
    return Result{answer};
  }
  template <class Operation>
  std::uint64_t number(Operation operation, const std::string& name) {
    std::uint64_t value = 0;
    check(operation(client_.get(), name.c_str(), &value));
    return value;
  }
  static Octets octets(signet_call* started, const char* field) {
    Call call{started};
    call.wait();
    return call.answer().octets(field).value_or(Octets{});
  }

  struct Deleter {
    void operator()(signet_client* client) const { signet_close(client); }
  };
  std::unique_ptr<signet_client, Deleter> client_;
};

}  // namespace signet::client
