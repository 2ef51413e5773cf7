# What Signet builds on. All of it is packaged by Debian 12 and 13, but for sdbus-c++ 2 on Debian 12 (see ./dev setup).

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(SQLite3 3.37 REQUIRED)  # STRICT tables
pkg_check_modules(Systemd REQUIRED IMPORTED_TARGET libsystemd)  # sdbus-c++ expects this very name
pkg_check_modules(Libcurl REQUIRED IMPORTED_TARGET libcurl>=7.85)
pkg_check_modules(Libgpiod REQUIRED IMPORTED_TARGET libgpiod>=1.5)
string(REGEX MATCH "^[12]" Libgpiod_VERSION_MAJOR ${Libgpiod_VERSION})  # fmdnd has a source for each
pkg_check_modules(tomlplusplus REQUIRED tomlplusplus)
# Not by pkg-config: its file wants the headers of libjansson, which libcjose-dev does not bring and nobody needs.
find_path(CJOSE_INCLUDE_DIR cjose/cjose.h REQUIRED)
find_library(CJOSE_LIBRARY cjose REQUIRED)
find_package(sdbus-c++ 2.0 REQUIRED)
find_package(sdbus-c++-tools 2.0 REQUIRED)

# C++ libraries as headers, not as shared objects: nearly all of the time that rpmbd needs to start goes to the dynamic linker,
# and half of that to the symbols of these, of Boost.JSON and of libstdc++ (./dev bench).
add_library(signet_spdlog INTERFACE)
add_library(signet::spdlog ALIAS signet_spdlog)
target_compile_definitions(signet_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(signet_spdlog INTERFACE fmt::fmt-header-only Threads::Threads)

add_library(signet_toml INTERFACE)
add_library(signet::toml ALIAS signet_toml)
# Without NDEBUG toml++ asserts where a malformed file must be an error.
target_compile_definitions(signet_toml INTERFACE TOML_HEADER_ONLY=1 NDEBUG)

add_library(cjose::cjose UNKNOWN IMPORTED)
set_target_properties(cjose::cjose PROPERTIES
  IMPORTED_LOCATION ${CJOSE_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${CJOSE_INCLUDE_DIR})

if(SIGNET_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(SIGNET_BENCH)
  find_package(benchmark REQUIRED)
endif()
