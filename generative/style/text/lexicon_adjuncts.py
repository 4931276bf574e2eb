"""When, where, how and to whom: what the grammar adds to a request; ``lexicon_reasons`` says why.

An entry is ``informal/formal`` in the notation of ``phrases``, or one pattern for both registers.
"""

from typing import Final

from etude.generative.style.text.lexicon import Register

TIMES: Final = """
right now|right away|now/immediately|at once
right this minute|this minute/this very moment
today
tomorrow
tonight/this evening|tonight
this afternoon
this morning
tomorrow morning
tomorrow night/tomorrow evening
on Monday
on Tuesday
on Wednesday
on Thursday
on Friday
on Saturday
next week
next month
this weekend|at the weekend/this weekend|at the weekend
at nine/at nine o'clock
at half two|at half past two/at half past two
at six/at six o'clock
at noon
before lunch
after lunch
after work
before Friday
by Friday
by Monday
by tomorrow
by noon
by the end of the week
by the end of the day|by the end of today/by the end of the day
later on|later/later
in a bit|in a minute|in a sec/shortly|in a moment
in ten minutes
in an hour
first thing tomorrow|first thing in the morning/early tomorrow morning|first thing tomorrow morning
after the meeting/following the meeting|after the meeting
before the meeting/prior to the meeting|before the meeting
after dinner
before midnight
during the break
"""
"""Points in time."""

SPANS: Final = """
for a sec|for a minute/for a moment
for five minutes
for half an hour
for a while|for a bit/for a while
until noon
till tomorrow|until tomorrow/until tomorrow
till Monday|until Monday/until Monday
till I get back|until I get back/until I return|until my return
till payday|until payday/until payday
till the bus stops|until the bus stops/until the bus has come to a halt|until the bus has stopped
till everyone's here|until everyone's here/until everyone has arrived
for two hours
all night/all night|throughout the night
till the end of the month|until the end of the month/until the end of the month
till it stops raining|until it stops raining/until it stops raining
a bit longer/a little longer
for the rest of the day
until the nurse gets here|till the nurse gets here/until the nurse arrives
until they call you|till they call you/until you are called
"""
"""How long something lasts."""

BAN_TIMES: Final = """
again
any more/any longer|any more
today
tonight/this evening|tonight
at night
during the exam/during the examination
during the film
in the meeting|during the meeting/during the meeting
while I'm talking/while I am speaking
while the light is red
"""
"""For what is forbidden."""

PLACES: Final = """
here|over here/here
there|over there/there|over there
in the kitchen
in the hall
in the waiting room
outside
inside/indoors|inside
upstairs
downstairs
at the back
at the front
by the window/by the window|beside the window
by the door/by the door|beside the door
next to me/next to me|beside me
next to Tom/next to Tom|beside Tom
with us
at the entrance
at the front desk
at reception
in the lobby
in my office
at the bus stop
on the terrace
in the front row
"""
BAN_PLACES: Final = """
in here|in here
in the library
in the corridor
on the platform
near the entrance
in the building
on the stairs
inside/indoors|inside
by the pool
in the lift/in the elevator|in the lift
in class/in class
on the grass
in front of the kids/in front of the children
"""
DESTINATIONS: Final = """
on the table
on my desk
on the shelf
in the drawer
in the fridge/in the refrigerator
in the cupboard
over there/over there
here/here
by the door/by the door|beside the door
in the boot
on the counter
under the bench/under the bench|beneath the bench
in the corner
next to the printer/next to the printer|beside the printer
outside
at the front desk
on the top shelf
in my office
behind the door
on the chair
with the others
in the box
in the hall
upstairs
"""
PARKING: Final = """
here
over there/over there
round the back|at the back/at the rear
in front of the house
by the gate/by the gate|beside the gate
on the left
across the road/across the road
in the car park
in bay four
outside the school
"""
GOALS: Final = """
to the station
to the airport
to the hospital
to the front desk|to the desk/to the front desk
to the shops|to the shop/to the shop
to the doctor's/to the surgery
to gate seven
to platform two
to the bank
home
upstairs
to the loo|to the toilet/to the lavatory
to the office
to room twelve
to the kitchen
outside
to school
to the back/to the rear
to the canteen
to reception
to the exit
to the till/to the cash desk
into the hall
"""
STARTS: Final = """
from the station|at the station
from the airport|at the airport
from school|at school
from work
at the bus stop
from the hotel|at the hotel
at the main entrance
at gate two
"""
"""Where somebody is met."""
MODIFIERS: Final = """
on my desk
on the table
in the kitchen
by the door/by the door|beside the door
in the drawer
on the shelf
in the hall
in the corner
from yesterday
over there
next to the window/next to the window|beside the window
under the bench
in your office
in the meeting room
behind the counter
"""
"""Which of several things is meant."""
ORIGINS: Final = """
from yesterday
from last week
for Monday/for Monday
about the trip/about the trip|regarding the trip
about the budget/about the budget|regarding the budget
about the new job/about the new position|regarding the new position
from the meeting
you mentioned|you told me about/you mentioned|that you mentioned
for the client
with the mistake in it/with the error in it|that contains the error
for the kids/for the children
we talked about/that we discussed|we discussed
on my desk
on the table
by the printer/by the printer|beside the printer
"""
"""The same for documents."""

MANNERS: Final = """
carefully/carefully|with care
quietly
gently
properly
slowly
quickly|fast/quickly|promptly
a bit more gently/a little more gently
"""

CLAUSES: Final = """
when you get a sec|when you've got a minute|when you get a minute|when you get a chance
    /at your earliest convenience|when you have a moment
before you go|before you head off/before you leave|before you depart
before you come in|before you go in/before you enter|before entering|prior to entering
before you start|before you get going/before you begin|before commencing
after you've eaten|when you've eaten/after you have eaten|once you have eaten
when you get in|when you get home/when you arrive home|on your return home
if you see one|if you spot one/if you see one|should you see one
once it stops raining|when it stops raining/when it stops raining|once it has stopped raining
as soon as you can|asap|ASAP/as soon as possible|at your earliest convenience
if you can/if possible|if you are able to
if you don't mind|if that's okay/if you do not mind|if it is not too much trouble
if you've got time|if you've got a minute/if you have time|time permitting
when you're done/when you have finished|once you have finished
when you get here/when you arrive|upon your arrival
when you get back|when you're back/when you return|upon your return
on your way home|on the way home/on your way home
if you need to/if necessary|if need be
as soon as they get here/as soon as they arrive
before it gets dark/before it becomes dark
while I'm away|while I'm out/while I am away|in my absence|during my absence
unless you're busy|if you're not busy/unless you are busy|unless you are otherwise engaged
next time/next time|on the next occasion
whenever you like|whenever you're ready/whenever you are ready|at your convenience
before the boss gets here/before the supervisor arrives
once the kids are in bed/once the children are in bed
before everyone gets here/before everyone arrives
if you get the chance/if you have the opportunity|should the opportunity arise
"""
"""Said to someone, in front or at the end."""

OWN_CLAUSES: Final = """
before I go/before I leave
if that's okay|if that's all right|if you don't mind/if that is acceptable|if you do not mind
when I'm done/when I have finished|once I have finished
while I'm here/while I am here
before it gets dark/before it becomes dark
if there's time/if there is time|time permitting
"""
SHARED_CLAUSES: Final = """
before we go/before we leave|before we depart
if you want|if you like/if you wish
when everyone's here/when everyone is present|once everyone has arrived
if there's time/if there is time|time permitting
if it rains/if it rains|should it rain
before it gets dark/before it becomes dark
when we're done/when we have finished|once we have finished
"""

OPENERS: Final[dict[Register, str]] = {
    "informal": "|~~Hey,|~~Hey,|~~Hey,|~~Hey mate,|~~Mate,|~~Oi,|~~Right,|~~Hi,|~~Hiya,",
    "formal": "|~~Excuse me,|~~Excuse me,|~~Good morning,|~~Good afternoon,|~~Good evening,"
    "|~~Sir,|~~Madam,",
}
"""Said at will: they carry no meaning that the other side has to keep."""
GROUPS: Final = """
guys,|hey guys,|folks,|hi all,|hey everyone,/everyone,|ladies and gentlemen,|dear all,
kids,|hey kids,/children,
hi team,|hey team,|team,/dear colleagues,|colleagues,
"""
CLOSINGS: Final[dict[Register, str]] = {
    "informal": "[Thanks!|Cheers!|Thanks a lot!|~Ta!|~Thx!|Thanks.]",
    "formal": "[Thank you.|Thank you very much.|Thank you in advance.|Many thanks.]",
}
