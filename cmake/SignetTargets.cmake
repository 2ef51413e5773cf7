# The helper functions that keep each CMakeLists.txt short.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 17)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(signet_warnings INTERFACE)
target_compile_options(signet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Wsign-conversion
  -Wno-missing-field-initializers)  # designated initialisers leave the rest to the defaults, on purpose
# Instrumented code is warned of for what the instrumentation adds: the plain build judges.
if(SIGNET_WERROR AND NOT SIGNET_SANITIZE)
  target_compile_options(signet_warnings INTERFACE -Werror)
endif()

# Hardening is part of the build, not of one distribution's packages: what was tested and measured is what is shipped.
if(NOT SIGNET_SANITIZE)
  include(CheckCXXCompilerFlag)
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "SIGNET_HAS${flag}" has)
    check_cxx_compiler_flag(${flag} ${has})
    if(${has})
      add_compile_options(${flag})
    endif()
  endforeach()
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=2>)
  add_link_options(LINKER:-z,relro,-z,now)
endif()

if(SIGNET_SANITIZE)  # everything in a build tree is instrumented or nothing is
  # g++ 12 takes std::regex and std::function for uninitialised once they are instrumented.
  add_compile_options(-fsanitize=${SIGNET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${SIGNET_SANITIZE})
endif()
if(SIGNET_FUZZ)  # coverage feedback from the libraries, too; only the fuzzers themselves link libFuzzer
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# signet_library(NAME source...): the static library signet_NAME, known as signet::NAME; headers are included from libs/.
function(signet_library name)
  add_library(signet_${name} STATIC ${ARGN})
  add_library(signet::${name} ALIAS signet_${name})
  target_include_directories(signet_${name} PUBLIC ${PROJECT_SOURCE_DIR}/libs)
  target_link_libraries(signet_${name} PRIVATE $<BUILD_INTERFACE:signet_warnings>)
endfunction()

# signet_exhaustive(TARGET...): code that a test runs millions of times, and that therefore pays for optimisation even where
# the build as a whole saves the compiler's time.
function(signet_exhaustive)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O1>)
  endforeach()
endfunction()

# signet_dbus_glue(TARGET XML): generates <stem>-adaptor.h and <stem>-proxy.h from the interface XML and lets TARGET
# include them as "glue/<stem>-adaptor.h". The glue belongs to the build, never to the repository.
function(signet_dbus_glue target xml)
  cmake_path(GET xml STEM LAST_ONLY stem)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/glue)
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(OUTPUT ${dir}/${stem}-adaptor.h ${dir}/${stem}-proxy.h
    COMMAND SDBusCpp::sdbus-c++-xml2cpp ${xml} --adaptor=${dir}/${stem}-adaptor.h --proxy=${dir}/${stem}-proxy.h
    DEPENDS ${xml} VERBATIM COMMENT "D-Bus glue of ${stem}")
  target_sources(${target} PRIVATE ${dir}/${stem}-adaptor.h ${dir}/${stem}-proxy.h)
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()

# signet_test(NAME source... [LIBS library...]): one GoogleTest binary, its cases known to CTest one by one.
function(signet_test name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gtest_main GTest::gmock $<BUILD_INTERFACE:signet_warnings>)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/libs ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE SIGNET_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)  # a test runs once: compiling it is what costs
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60)
endfunction()
