#include "activationd/places.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::activationd {
namespace {

class PlacesTest : public testing::Test {
 protected:
  identity::TemporaryDirectory directory_;
  Places places_{directory_.path()};
};

TEST_F(PlacesTest, TheLockIsHeldOnce) {
  auto held = lock(places_);
  ASSERT_TRUE(held) << held.error().context;

  const auto second = lock(places_);
  EXPECT_EQ(second.error().code, Errc::busy);
  *held = UniqueFd{};

  EXPECT_TRUE(lock(places_));
}

TEST_F(PlacesTest, WithoutAStateDirectoryThereIsNoLock) {
  EXPECT_EQ(lock({"/nonexistent"}).error().code, Errc::not_found);
  EXPECT_EQ(AsOwner::of("/nonexistent").error().code, Errc::not_found);
}

TEST_F(PlacesTest, TheDatabaseThatIsReplacedIsKeptWithItsLog) {
  directory_.write("registrar.db", "old");
  directory_.write("registrar.db-wal", "old log");
  directory_.write("registrar.db-shm", "old index");
  directory_.write("registrar.db.new", "new");

  ASSERT_TRUE(replace_database(places_));

  EXPECT_EQ(directory_.read("registrar.db"), "new");
  EXPECT_EQ(directory_.read("registrar.db.old"), "old");
  EXPECT_EQ(directory_.read("registrar.db.old-wal"), "old log");
  EXPECT_EQ(directory_.read("registrar.db-wal"), "");
  EXPECT_EQ(directory_.read("registrar.db-shm"), "");
}

TEST_F(PlacesTest, AnOlderOneThatIsKeptIsNotLost) {
  directory_.write("registrar.db", "present");
  directory_.write("registrar.db.old", "old");
  directory_.write("registrar.db.new", "new");

  EXPECT_EQ(replace_database(places_).error().code, Errc::already_exists);

  EXPECT_EQ(directory_.read("registrar.db"), "present");
  EXPECT_EQ(directory_.read("registrar.db.old"), "old");
}

TEST_F(PlacesTest, AnEmptyPlaceIsFilled) {
  directory_.write("registrar.db.new", "new");

  EXPECT_TRUE(replace_database(places_));

  EXPECT_EQ(directory_.read("registrar.db"), "new");
}

}  // namespace
}  // namespace signet::activationd
