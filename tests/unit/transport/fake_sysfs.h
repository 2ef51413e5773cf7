// A sysfs and a /dev in a temporary directory, laid out as the kernel lays them out.
#pragma once

#include <stdlib.h>  // NOLINT: mkdtemp is POSIX

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/hex.h"
#include "rpmb/transport.h"

namespace signet::rpmb {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp " + name};
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

inline void make_link(const std::filesystem::path& target, const std::filesystem::path& link) {
  std::filesystem::create_directories(link.parent_path());
  std::filesystem::create_symlink(target, link);
}

// What the attributes of an eMMC say.
struct FakeEmmc {
  int index = 0;    // mmcblk<index>
  int major = 246;  // of its RPMB device
  std::string cid = "aa015851454d55212101deadbeef2900";
  std::string size_multiple = "0x10";
  std::string sectors = "0x1";
  std::string enhanced = "0";
};

// What sysfs says of a UFS device with its RPMB unit.
struct FakeUfs {
  int index = 0;  // sg<index>
  std::string lun = "49476";
  std::string type = "30";
  std::string serial = "S1234";  // empty: no string descriptors, as for a SCSI target that is no UFS device
  std::string block_count = "0x0000000000002000";
  std::string rw_size = "0x20";
};

class FakeSysfs {
 public:
  [[nodiscard]] std::filesystem::path root() const { return directory_.path() / "sys"; }
  [[nodiscard]] std::filesystem::path devices() const { return directory_.path() / "dev"; }
  [[nodiscard]] const std::filesystem::path& scratch() const { return directory_.path(); }

  std::filesystem::path add(const FakeEmmc& chip) {
    const auto index = std::to_string(chip.index);
    const auto host = root() / "devices" / "platform" / ("mmc" + index);
    const auto card = host / ("mmc" + index + ":0001");
    const auto node = "mmcblk" + index + "rpmb";
    write_file(card / "type", "MMC\n");
    write_file(card / "cid", chip.cid + "\n");
    write_file(card / "raw_rpmb_size_mult", chip.size_multiple + "\n");
    write_file(card / "rel_sectors", chip.sectors + "\n");
    write_file(card / "enhanced_rpmb_supported", chip.enhanced + "\n");
    const auto number = std::to_string(chip.major) + ":0";
    write_file(card / node / "dev", number + "\n");
    make_link(card / node, root() / "bus" / "mmc_rpmb" / "devices" / node);
    make_link(card / node, root() / "dev" / "char" / number);
    make_link(card, card / "block" / ("mmcblk" + index) / "device");
    make_link(card / "block" / ("mmcblk" + index), root() / "block" / ("mmcblk" + index));
    return card;
  }

  // Returns the directory of the RPMB unit; the device's own is three levels up.
  std::filesystem::path add(const FakeUfs& ufs) {
    const auto index = std::to_string(ufs.index);
    const auto controller = root() / "devices" / "platform" / ("ufshc" + index);
    const auto unit = controller / ("host" + index) / ("target" + index + ":0:0") / (index + ":0:0:" + ufs.lun);
    write_file(unit / "type", ufs.type + "\n");
    if (!ufs.serial.empty()) {
      write_file(controller / "string_descriptors" / "serial_number", ufs.serial + "\n");
      write_file(controller / "string_descriptors" / "product_name", "FAKEUFS\n");
      write_file(controller / "device_descriptor" / "manufacturer_id", "0x01ce\n");
      write_file(controller / "device_descriptor" / "manufacturing_date", "0x0824\n");
      write_file(controller / "geometry_descriptor" / "rpmb_rw_size", ufs.rw_size + "\n");
      write_file(unit / "unit_descriptor" / "logical_block_size", "0x08\n");
      write_file(unit / "unit_descriptor" / "logical_block_count", ufs.block_count + "\n");
    }
    const auto node = unit / "scsi_generic" / ("sg" + index);
    const auto number = "21:" + index;
    write_file(node / "dev", number + "\n");
    make_link("../..", node / "device");
    make_link(node, root() / "class" / "scsi_generic" / ("sg" + index));
    make_link(node, root() / "dev" / "char" / number);
    return unit;
  }

 private:
  TemporaryDirectory directory_;
};

inline Cid cid_of(std::string_view hex) {
  Cid cid{};
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != cid.size()) throw std::invalid_argument{"not a CID"};
  std::copy(bytes->begin(), bytes->end(), cid.begin());
  return cid;
}

}  // namespace signet::rpmb
