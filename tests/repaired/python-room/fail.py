from room import Room

room = Room()
room.join("ada", lambda text: room.leave("ada"))
room.join("bob", print)
room.say("bye")
