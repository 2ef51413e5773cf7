#include "result.h"

#include <algorithm>

using signet::client::Field;
using signet::client::Value;

namespace signet::client {
namespace {

std::string snake_case(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !result.empty() && result.back() != '.') result += '_';
    result += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

// Reads messages with one error for all: the first call that fails.
class AnswerReader {
 public:
  explicit AnswerReader(sd_bus_message* message) : message_{message} {}

  int read_arguments(const FieldNames& names, signet_result& result) {
    Row row;
    for (const char* name : names) {
      if (!name || !more()) break;
      if (contents_ != nullptr && type_ == 'a' && *contents_ == '(') return read_rows(names, result);
      read_value(name, row);
    }
    result.rows.push_back(std::move(row));
    return error_;
  }

 private:
  // Whether there is another value here; sets type_ and contents_.
  bool more() { return error_ >= 0 && check(sd_bus_message_peek_type(message_, &type_, &contents_)) > 0; }
  int check(int result) {
    if (result < 0 && error_ >= 0) error_ = result;
    return result;
  }
  bool enter(char type, const char* contents) {
    return check(sd_bus_message_enter_container(message_, type, contents)) > 0;
  }
  void leave() {
    if (error_ >= 0) check(sd_bus_message_exit_container(message_));
  }

  template <class T>
  T basic(char type) {
    T value{};
    check(sd_bus_message_read_basic(message_, type, &value));
    return value;
  }

  std::string text(char type) {
    const char* value = basic<const char*>(type);
    return value ? value : "";
  }

  int read_rows(const FieldNames& names, signet_result& result) {
    if (!enter('a', contents_)) return error_;
    while (more()) {
      if (!enter('r', contents_)) break;
      Row row;
      for (const char* name : names) {
        if (!name || !more()) break;
        read_value(name, row);
      }
      while (more()) check(sd_bus_message_skip(message_, nullptr));  // members of a later version
      leave();
      result.rows.push_back(std::move(row));
    }
    leave();
    return error_;
  }

  void read_value(const std::string& name, Row& row) {
    switch (type_) {
      case 'v':
        if (!enter('v', contents_)) return;
        if (more()) read_value(name, row);
        leave();
        return;
      case 'a': return read_array(name, row);
      case 'b': return add(name, row, basic<int>('b') != 0);
      case 'y': return add(name, row, std::uint64_t{basic<std::uint8_t>('y')});
      case 'q': return add(name, row, std::uint64_t{basic<std::uint16_t>('q')});
      case 'u': return add(name, row, std::uint64_t{basic<std::uint32_t>('u')});
      case 't': return add(name, row, basic<std::uint64_t>('t'));
      case 'x': return add(name, row, static_cast<std::uint64_t>(std::max(std::int64_t{0}, basic<std::int64_t>('x'))));
      case 'd': return add(name, row, basic<double>('d'));
      case 's':
      case 'o': return add(name, row, text(type_));
      default: check(sd_bus_message_skip(message_, nullptr));
    }
  }

  void read_array(const std::string& name, Row& row) {
    const std::string_view contents{contents_ == nullptr ? "" : contents_};
    if (contents == "y") {
      const void* data = nullptr;
      std::size_t size = 0;
      if (check(sd_bus_message_read_array(message_, 'y', &data, &size)) < 0) return;
      add(name, row, SecretBuffer{BytesView{static_cast<const std::uint8_t*>(data), size}});
    } else if (contents == "s") {
      std::vector<std::string> items;
      if (!enter('a', "s")) return;
      while (more()) items.push_back(text('s'));
      leave();
      add(name, row, std::move(items));
    } else if (contents == "{sv}") {
      read_dictionary(name, row);
    } else {
      check(sd_bus_message_skip(message_, nullptr));
    }
  }

  void read_dictionary(const std::string& name, Row& row) {
    if (!enter('a', "{sv}")) return;
    while (more()) {
      if (!enter('e', "sv")) break;
      const std::string key = snake_case(text('s'));
      if (more()) read_value(name.empty() ? key : name + "." + key, row);
      leave();
    }
    leave();
  }

  template <class T>
  void add(const std::string& name, Row& row, T value) {
    if (error_ >= 0) row.push_back(Field{name, Value{std::move(value)}});
  }

  sd_bus_message* message_;
  char type_ = 0;
  const char* contents_ = nullptr;
  int error_ = 0;
};

}  // namespace

int read_answer(sd_bus_message* answer, const FieldNames& names, signet_result& result) {
  return AnswerReader{answer}.read_arguments(names, result);
}

Row copy_plain(const Row& row) {
  Row copy;
  for (const Field& field : row) {
    if (const auto* number = std::get_if<std::uint64_t>(&field.value)) copy.push_back({field.name, *number});
    if (const auto* text = std::get_if<std::string>(&field.value)) copy.push_back({field.name, *text});
  }
  return copy;
}

}  // namespace signet::client

signet_result::~signet_result() {
  for (auto& row : rows) {
    for (auto& field : row) {
      if (auto* text = std::get_if<std::string>(&field.value)) signet::wipe(text->data(), text->size());
    }
  }
}

const Value* signet_result::find(std::size_t row, std::string_view field) const {
  if (row >= rows.size()) return nullptr;
  for (const Field& candidate : rows[row]) {
    if (candidate.name == field) return &candidate.value;
  }
  return nullptr;
}

namespace {

template <class T>
const T* typed(const signet_result* result, std::size_t row, const char* field) {
  const Value* value = result && field ? result->find(row, field) : nullptr;
  return value ? std::get_if<T>(value) : nullptr;
}

template <class T, class Out>
int copy_out(const signet_result* result, std::size_t row, const char* field, Out* out) {
  const T* value = typed<T>(result, row, field);
  if (!value || !out) return SIGNET_E_NOT_FOUND;
  *out = static_cast<Out>(*value);
  return SIGNET_OK;
}

}  // namespace

extern "C" {

void signet_result_free(signet_result* result) { delete result; }

size_t signet_result_rows(const signet_result* result) { return result ? result->rows.size() : 0; }

const char* signet_result_field(const signet_result* result, size_t row, size_t index) {
  if (!result || row >= result->rows.size() || index >= result->rows[row].size()) return nullptr;
  return result->rows[row][index].name.c_str();
}

signet_type signet_result_type(const signet_result* result, size_t row, const char* field) {
  const Value* value = result && field ? result->find(row, field) : nullptr;
  return value ? static_cast<signet_type>(value->index() + SIGNET_TYPE_BOOL) : SIGNET_TYPE_NONE;
}

int signet_result_bool(const signet_result* result, size_t row, const char* field, int* value) {
  return copy_out<bool>(result, row, field, value);
}

int signet_result_uint(const signet_result* result, size_t row, const char* field, uint64_t* value) {
  return copy_out<std::uint64_t>(result, row, field, value);
}

int signet_result_double(const signet_result* result, size_t row, const char* field, double* value) {
  return copy_out<double>(result, row, field, value);
}

const char* signet_result_string(const signet_result* result, size_t row, const char* field) {
  const auto* value = typed<std::string>(result, row, field);
  return value ? value->c_str() : nullptr;
}

const uint8_t* signet_result_bytes(const signet_result* result, size_t row, const char* field, size_t* size) {
  const auto* value = typed<signet::SecretBuffer>(result, row, field);
  if (!value) return nullptr;
  if (size) *size = value->size();
  static constexpr std::uint8_t kEmpty = 0;  // so that an empty value is not taken for a missing one
  return value->size() ? value->view().data() : &kEmpty;
}

const char* signet_result_item(const signet_result* result, size_t row, const char* field, size_t index) {
  const auto* value = typed<std::vector<std::string>>(result, row, field);
  return value && index < value->size() ? (*value)[index].c_str() : nullptr;
}

}  // extern "C"
