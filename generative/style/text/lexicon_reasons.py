"""Why something is asked: reasons and purposes, noted as in ``lexicon_adjuncts``."""

from typing import Final

REASONS: Final = """
I'm late/I am late|I am running late
I lost it/I have lost it|I mislaid it
you're in the way/you are in the way
you're blocking the gate/you are blocking the gate|you are obstructing the gate
the lift's broken|the lift's not working/the lift is out of order
they close at five
we've only got ten minutes/we have only ten minutes
I can't find mine/I am unable to find mine|I cannot find mine
mum's waiting|mom's waiting/my mother is waiting
I'm running out of cash/I am running out of money
it's my turn/it is my turn
we're late already/we are already late
I'm busy/I am busy|I am occupied
the boss wants it/the supervisor requires it
we're running out of time/we are running out of time
the train leaves in ten minutes
there's a queue/there is a queue
they're waiting/they are waiting
my hands are full
I've got no cash on me/I have no cash with me
the guests are coming|the guests are on their way
    /the guests are arriving|the guests are on their way
I don't feel well|I feel rotten/I do not feel well|I feel unwell
it's really important/it is very important
we're short of staff/we are short of staff
the deadline is tomorrow
my phone's dead/my telephone has no power
somebody's coming/somebody is coming
it's about to start/it is about to begin
I've got a meeting at ten/I have a meeting at ten
I'm new here/I am new here
the client's waiting/the client is waiting
we're closing|we're about to close/we are closing|we are about to close
my back hurts/my back is hurting
it's urgent/it is urgent
we've got company/we have visitors
the inspector's here/the inspector is here
"""
"""After because, or as a sentence of its own; these fit nearly all that one asks for."""
BAN_REASONS: Final = """
it's against the rules/it is against the rules
people are staring
we've got company/we have visitors
I'm on the phone/I am on the telephone
somebody might get hurt/somebody may be injured
the boss is coming/the supervisor is coming
it's not allowed here/it is not permitted here
people are trying to work
the inspector's here/the inspector is here
it drives me mad/I find it very unpleasant
"""
"""For what is forbidden."""
ROOM_REASONS: Final = """
it's cold in here|it's freezing in here/it is cold in here|it is rather cold in here
it's too hot|it's boiling in here/it is too warm|it is very warm in here
it's too dark/it is too dark
it's raining/it is raining
it's getting dark/it is getting dark|it is growing dark
the baby's asleep/the baby is asleep
it stinks in here/there is an unpleasant smell in here
"""
"""For windows, lights and coats."""
NOISE_REASONS: Final = """
the kids are asleep/the children are asleep
the baby's asleep/the baby is asleep
I've got a headache/I have a headache
it's too loud/it is too loud
I can't hear you/I cannot hear you
I can't hear myself think/I am unable to concentrate
I'm on the phone/I am on the telephone
I'm trying to sleep|I'm trying to get some sleep/I am trying to sleep
I'm trying to work/I am trying to work
you'll wake the neighbours/you will wake the neighbours
"""
"""For quiet."""

PURPOSES: Final = """
so we can start|so we can get going/so that we may begin|so that we can begin
so I can hear you/so that I may hear you|so that I can hear you
so we don't miss the train/so that we do not miss the train
so nobody gets hurt/so that nobody is injured
so I don't forget/so that I do not forget
so everyone can see/so that everyone can see|so that everyone may see
so we can go home/so that we may go home|so that we can go home
so they know what's going on/so that they know what is happening
so we can get it done/so that we may complete it
so we're all on the same page/so that we are all informed
so I can get some sleep/so that I may sleep|so that I can sleep
"""
