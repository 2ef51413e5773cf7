#include "rpmb/transport/emulator/chip_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/endian.h"
#include "crypto/sha256.h"

namespace signet::rpmb {
namespace {

constexpr std::string_view kMagic = "SIGNET-EMU-RPMB\n";
constexpr std::string_view kSentence =
    "This file is an emulated RPMB chip. It holds the chip's key in the clear and vouches for nothing.\n";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kHeaderSize = 4096;
constexpr std::size_t kHeaderDigestAt = kHeaderSize - crypto::kSha256Size;
constexpr std::size_t kSlotSize = 12288;
constexpr std::size_t kBlocksAt = kHeaderSize + 2 * kSlotSize;
constexpr std::size_t kRecordHead = 52;
constexpr std::size_t kMaxChangeBlocks = 32;
static_assert(kRecordHead + kMaxChangeBlocks * kBlockSize + crypto::kSha256Size <= kSlotSize);

constexpr std::uint8_t kManufacturer = 0xee;
constexpr std::string_view kProduct = "SIGEMU";  // the six characters of PNM
constexpr std::size_t kProductAt = 3;
constexpr std::size_t kSerialAt = 10;

std::size_t file_size(std::uint32_t blocks) { return kBlocksAt + std::size_t{blocks} * kBlockSize; }
std::uint64_t slot_at(std::uint64_t sequence) { return kHeaderSize + (sequence % 2) * kSlotSize; }

void die() { ::kill(::getpid(), SIGKILL); }

Errc code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Errc::no_space;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::chip_permission;
    case ENOENT:
    case ENOTDIR: return Errc::no_chip;
    case EISDIR:
    case ELOOP:
    case ENXIO: return Errc::not_rpmb;
    default: return Errc::io;
  }
}

Failure system_failure(const std::string& what) {
  int error = errno;
  return fail(code_of(error), what + ": " + std::generic_category().message(error));
}

Result<void> write_all(int fd, BytesView bytes, std::uint64_t offset, const std::string& what) {
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(what);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<void> read_all(int fd, std::span<std::uint8_t> bytes, std::uint64_t offset, const std::string& what) {
  while (!bytes.empty()) {
    ssize_t n = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(what);
    if (n == 0) return fail(Errc::geometry, what + ": the file ends at octet " + std::to_string(offset));
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

// Gives the whole file its place on the disk. A file system without fallocate(2) gets zeros instead, at creation.
Result<void> allocate(int fd, std::size_t size, bool fill, const std::string& what) {
  int status = 0;
  do {
    status = ::fallocate(fd, 0, 0, static_cast<off_t>(size));
  } while (status != 0 && errno == EINTR);
  if (status == 0) return {};
  if (errno != EOPNOTSUPP && errno != ENOSYS) return system_failure(what);
  if (!fill) return {};
  return write_all(fd, Bytes(size), 0, what);
}

// CRC7 of the CID register, polynomial x^7 + x^3 + 1, and the end bit (JESD84-B51 7.2).
std::uint8_t crc7_octet(std::span<const std::uint8_t> bytes) {
  unsigned crc = 0;
  for (std::uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) {
      crc = (crc << 1) ^ ((((crc >> 6) ^ (static_cast<unsigned>(byte) >> bit)) & 1u) ? 0x09u : 0u);
      crc &= 0x7f;
    }
  }
  return static_cast<std::uint8_t>(crc << 1 | 1);
}

Cid new_cid(crypto::Random& random) {
  Cid cid{};
  cid[0] = kManufacturer;
  std::ranges::copy(as_bytes(kProduct), cid.begin() + kProductAt);
  cid[9] = 0x10;  // revision 1.0
  random.fill(std::span{cid}.subspan<kSerialAt, 4>());
  cid[14] = 0x1a;
  cid[15] = crc7_octet(std::span{cid}.first<15>());
  return cid;
}

Bytes encode_header(const ChipFileSpec& spec, const Cid& cid) {
  Bytes header(kHeaderSize);
  std::ranges::copy(as_bytes(kMagic), header.begin());
  store_be(header, 16, kFormat);
  store_be(header, 20, spec.blocks);
  store_be(header, 24, spec.write_frames);
  store_be(header, 26, static_cast<std::uint16_t>(spec.dialect));
  std::ranges::copy(cid, header.begin() + 28);
  std::ranges::copy(as_bytes(kSentence), header.begin() + 64);
  std::ranges::copy(crypto::sha256(BytesView{header}.first(kHeaderDigestAt)), header.begin() + kHeaderDigestAt);
  return header;
}

Bytes encode_record(const Cid& cid, std::uint64_t sequence, const ChipChange& change) {
  Bytes record(kRecordHead);
  store_be(record, 0, sequence);
  store_be(record, 8, change.registers.write_counter);
  record[12] = change.registers.key ? 1 : 0;
  record[13] = change.registers.secure_wp_enable;
  record[14] = change.registers.secure_wp_config;
  if (change.registers.key) std::ranges::copy(*change.registers.key, record.begin() + 16);
  store_be(record, 48, change.address);
  store_be(record, 50, static_cast<std::uint16_t>(change.blocks.size()));
  for (const Block& block : change.blocks) append(record, block);
  append(record, crypto::sha256({cid, record}));
  return record;
}

struct Record {
  std::uint64_t sequence;
  ChipChange change;
};

// Nothing when the slot holds no whole record that belongs there.
std::optional<Record> decode_record(const Cid& cid, BytesView slot, std::uint64_t slot_number, std::uint32_t blocks) {
  std::size_t count = load_be<std::uint16_t>(slot, 50);
  if (count > kMaxChangeBlocks) return std::nullopt;
  std::size_t size = kRecordHead + count * kBlockSize;
  crypto::Digest digest = crypto::sha256({cid, slot.first(size)});
  if (!std::ranges::equal(digest, slot.subspan(size, digest.size()))) return std::nullopt;

  Record record{load_be<std::uint64_t>(slot, 0), {}};
  ChipChange& change = record.change;
  change.registers.write_counter = load_be<std::uint32_t>(slot, 8);
  if (slot[12] != 0) std::ranges::copy(slot.subspan(16, kKeySize), change.registers.key.emplace().begin());
  change.registers.secure_wp_enable = slot[13];
  change.registers.secure_wp_config = slot[14];
  change.address = load_be<std::uint16_t>(slot, 48);
  if (record.sequence % 2 != slot_number || change.address + count > blocks) return std::nullopt;
  change.blocks.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::ranges::copy(slot.subspan(kRecordHead + i * kBlockSize, kBlockSize), change.blocks[i].begin());
  }
  return record;
}

bool valid(const ChipFileSpec& spec) {
  bool frames = spec.write_frames == 1 || spec.write_frames == 2 || spec.write_frames == 32;
  return frames && spec.blocks != 0 && spec.blocks % kUnitBlocks == 0 && spec.blocks <= kMaxUnits * kUnitBlocks;
}

// A file under a passing name, which goes away unless it is given its real one.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : name_{path + ".new.XXXXXX"}, fd_{::mkostemp(name_.data(), O_CLOEXEC)} {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (fd_) ::unlink(name_.c_str());
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  UniqueFd fd_;
};

Result<void> sync_directory_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  UniqueFd fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || ::fsync(fd.get()) != 0) return system_failure("syncing the directory of the emulated chip " + path);
  return {};
}

}  // namespace

bool is_emulated(const Cid& cid) {
  return cid[0] == kManufacturer && std::ranges::equal(as_bytes(kProduct), std::span{cid}.subspan<kProductAt, 6>());
}

Result<void> create_chip_file(const std::string& path, const ChipFileSpec& spec, crypto::Random& random) {
  std::string what = "making the emulated chip " + path;
  if (!valid(spec)) {
    return fail(Errc::geometry,
                what + ": " + std::to_string(std::uint64_t{spec.blocks} * kBlockSize) + " octets and writes of " +
                    std::to_string(spec.write_frames) +
                    " frames; the size must be a multiple of 131072 up to 16777216, the frames 1, 2 or 32");
  }
  NewFile file{path};
  if (file.fd() < 0) return system_failure(what);
  Cid cid = new_cid(random);
  SIGNET_TRY(allocate(file.fd(), file_size(spec.blocks), true, what));
  SIGNET_TRY(write_all(file.fd(), encode_header(spec, cid), 0, what));
  SIGNET_TRY(write_all(file.fd(), encode_record(cid, 0, {}), slot_at(0), what));
  if (::fsync(file.fd()) != 0) return system_failure(what);
  if (::link(file.name().c_str(), path.c_str()) != 0 && errno != EEXIST) return system_failure(what);
  return sync_directory_of(path);
}

Result<std::unique_ptr<ChipFile>> ChipFile::open(const std::string& path) {
  UniqueFd fd{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};  // not to hang on a FIFO
  if (!fd) return system_failure("opening the emulated chip " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_failure("opening the emulated chip " + path);
  if (!S_ISREG(status.st_mode)) return fail(Errc::not_rpmb, path + " is not a regular file, so no emulated chip");

  std::unique_ptr<ChipFile> file{new ChipFile{std::move(fd), path}};
  SIGNET_TRY(file->lock());
  SIGNET_TRY(file->read_header());
  SIGNET_TRY(file->recover());
  return file;
}

Result<void> ChipFile::lock() {
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) {
    return fail(Errc::busy, "the emulated chip " + path_ +
                                " is in use by another process; stop that one first, or give this one another file");
  }
  return system_failure("locking the emulated chip " + path_);
}

Result<void> ChipFile::read_header() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return system_failure("reading the emulated chip " + path_);
  auto size = static_cast<std::size_t>(status.st_size);
  Bytes header(std::min(size, kHeaderSize));
  SIGNET_TRY(read_all(fd_.get(), header, 0, "reading the header of " + path_));
  if (!as_text(header).starts_with(kMagic)) {
    return fail(Errc::not_rpmb, path_ +
                                    " is not an emulated chip: it does not begin with the right words. It was left as "
                                    "it is; name another file");
  }
  if (size < kHeaderSize) {
    return fail(Errc::geometry,
                path_ + " is truncated: " + std::to_string(size) + " octets do not even hold its header");
  }
  std::uint32_t format = load_be<std::uint32_t>(header, 16);
  if (format != kFormat) {
    return fail(Errc::unsupported_format, path_ + " is an emulated chip of format " + std::to_string(format) +
                                              ", this program knows " + std::to_string(kFormat));
  }
  crypto::Digest digest = crypto::sha256(BytesView{header}.first(kHeaderDigestAt));
  spec_.blocks = load_be<std::uint32_t>(header, 20);
  spec_.write_frames = load_be<std::uint16_t>(header, 24);
  spec_.dialect = header[27] == 1 ? Dialect::qemu : Dialect::standard;
  std::copy_n(header.begin() + 28, cid_.size(), cid_.begin());
  if (!std::ranges::equal(digest, BytesView{header}.subspan(kHeaderDigestAt)) || !valid(spec_)) {
    return fail(Errc::not_rpmb, "the header of the emulated chip " + path_ + " is damaged; restore it from a copy");
  }
  if (size != file_size(spec_.blocks)) {
    return fail(Errc::geometry, path_ + " has " + std::to_string(size) + " octets where its header says " +
                                    std::to_string(file_size(spec_.blocks)) +
                                    ": truncated or overwritten; restore it from a copy");
  }
  return allocate(fd_.get(), size, false, "allocating the emulated chip " + path_);
}

Result<void> ChipFile::recover() {
  std::vector<Record> records;
  for (std::uint64_t slot_number : {0u, 1u}) {
    Bytes slot(kSlotSize);
    SIGNET_TRY(read_all(fd_.get(), slot, slot_at(slot_number), "reading the journal of " + path_));
    if (auto record = decode_record(cid_, slot, slot_number, spec_.blocks)) records.push_back(*std::move(record));
  }
  if (records.empty()) {
    return fail(Errc::not_rpmb,
                "both journal records of the emulated chip " + path_ + " are damaged; restore it from a copy");
  }
  std::ranges::sort(records, {}, &Record::sequence);
  for (const Record& record : records) SIGNET_TRY(apply(record.change));
  sequence_ = records.back().sequence;
  last_ = std::move(records.back().change);
  return {};
}

Result<ChipState> ChipFile::load() const {
  ChipState state;
  state.write_frames = spec_.write_frames;
  state.dialect = spec_.dialect;
  state.registers = last_.registers;
  state.memory.resize(spec_.blocks);
  std::span<std::uint8_t> octets{state.memory.data()->data(), state.memory.size() * kBlockSize};
  SIGNET_TRY(read_all(fd_.get(), octets, kBlocksAt, "reading the blocks of " + path_));
  return state;
}

Result<void> ChipFile::keep(const ChipChange& change, std::optional<CrashPoint> crash) {
  if (apply_again_) SIGNET_TRY(apply(last_));
  apply_again_ = false;
  SIGNET_TRY(write_record(encode_record(cid_, sequence_ + 1, change), slot_at(sequence_ + 1), crash));
  if (crash == CrashPoint::journalled) die();

  ++sequence_;
  last_ = change;
  if (crash == CrashPoint::half_applied && !change.blocks.empty()) {
    std::uint64_t at = kBlocksAt + std::uint64_t{change.address} * kBlockSize;
    SIGNET_TRY(write_all(fd_.get(), BytesView{change.blocks[0]}.first(kBlockSize / 2), at, path_));
  }
  if (crash == CrashPoint::half_applied) die();
  apply_again_ = !apply(change).has_value();  // the change is durable all the same
  return {};
}

Result<void> ChipFile::write_record(const Bytes& record, std::uint64_t offset, std::optional<CrashPoint> crash) {
  std::string what = "writing the journal of the emulated chip " + path_;
  if (crash == CrashPoint::torn_journal) {
    SIGNET_TRY(write_all(fd_.get(), BytesView{record}.first(record.size() / 2), offset, what));
    die();
  }
  SIGNET_TRY(write_all(fd_.get(), record, offset, what));  // a part of a record is none: nothing changed
  if (::fdatasync(fd_.get()) == 0) return {};

  Error error = system_failure(what).value();
  apply_again_ = true;  // the sync was to cover the blocks of the record before, too
  bool withdrawn = write_all(fd_.get(), Bytes(kRecordHead), offset, what) && ::fdatasync(fd_.get()) == 0;
  if (!withdrawn) error.code = Errc::io;  // whether the record is kept will only show when the file is next opened
  return fail(std::move(error));
}

Result<void> ChipFile::apply(const ChipChange& change) const {
  if (change.blocks.empty()) return {};
  BytesView octets{change.blocks.data()->data(), change.blocks.size() * kBlockSize};
  return write_all(fd_.get(), octets, kBlocksAt + std::uint64_t{change.address} * kBlockSize,
                   "writing the blocks of the emulated chip " + path_);
}

Result<void> ChipFile::check_identity() const {
  struct stat here {};
  struct stat there {};
  if (::stat(path_.c_str(), &there) != 0) return fail(Errc::no_chip, "the emulated chip " + path_ + " is gone");
  if (::fstat(fd_.get(), &here) != 0) return system_failure("looking at the emulated chip " + path_);
  if (here.st_dev != there.st_dev || here.st_ino != there.st_ino) {
    return fail(Errc::chip_changed, path_ + " is another file than the one that was opened");
  }
  return {};
}

}  // namespace signet::rpmb
