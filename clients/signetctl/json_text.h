// JSON of somebody else's for people: what members there are is not known beforehand.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iosfwd>

namespace signet::ctl {

// "  member  value", objects and lists within as JSON; control characters are replaced, since it goes to a terminal.
void print_members(std::ostream& out, const boost::json::object& object);

// A table with one column for each member that one of them has, in the order of the first; what is no object is left
// out, as are members that are objects or lists.
void print_objects(std::ostream& out, const boost::json::array& objects);

}  // namespace signet::ctl
