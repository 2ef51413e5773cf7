// Boost.JSON itself: Debian's static library is not made for shared objects, and its shared one would cost every
// program that uses this library some start-up time.
#include <boost/json/src.hpp>
