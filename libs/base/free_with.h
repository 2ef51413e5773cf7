// The deleter of a std::unique_ptr to what a C library has made.
#pragma once

namespace signet {

template <auto Function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};

}  // namespace signet
