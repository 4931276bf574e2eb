"""Requests that are said as one, each with its counterpart in the other register."""

from typing import Final

IDIOMS: Final = """
what's your name?|who are you?/may I ask your name?|could you please tell me your name?
what's up?|what's the matter?/may I ask what the matter is?
how much is it?|how much is this?
    /could you please tell me how much it costs?|may I ask what it costs?
how old are you?/may I ask how old you are?
what do you want?/how may I help you?|what may I do for you?
what?|huh?|come again?/I beg your pardon?|pardon?
no way!|nope, not happening./I am afraid that is not possible.
sure, no problem!|sure thing!/certainly, it would be my pleasure.|of course, with pleasure.
see you!|see ya!|bye!/goodbye.|I look forward to seeing you again.
hang on a sec!|just a sec!/one moment, please.|just a moment, please.
got a minute?|got a sec?/might I have a moment of your time?|do you have a moment?
anyone sitting here?|is this seat taken?
    /may I ask whether this seat is taken?|is this seat occupied?
can you speak up?|speak up!/could you please speak a little louder?|would you mind speaking up?
can you slow down a bit?/could you please speak a little more slowly?
shut up!|zip it!/please be quiet.|I must ask you to be quiet.
get lost!|go away!|clear off!/please leave.|I must ask you to leave.
leave me alone!/please leave me in peace.|I would prefer to be left alone.
give me a break!/please be patient with me.
don't mention it!|no worries!/you are most welcome.|it was my pleasure.
long time no see!/it has been a long time since we last met.
keep in touch!/please stay in contact.|let us remain in contact.
text me when you get home!/please send me a text message when you arrive home.
make yourself at home!/please make yourself comfortable.
help yourself!|dig in!/please help yourself.|please do help yourself.
hop in!/please get in.|please take a seat in the car.
after you!|you go first!/please go ahead.|please, after you.
mind your head!|watch your head!/please mind your head.
any news?|what's the latest?/may I ask whether there is any news?
how do I get to the station?/could you please tell me the way to the station?
which platform is it?/could you please tell me which platform it is?
can I pay by card?|do you take cards?/may I pay by card?|would it be possible to pay by card?
can I get the bill?|bill, please!/may I have the bill, please?|could you please bring us the bill?
where do I sign?/could you please show me where to sign?|may I ask where I should sign?
what's wrong?|what's wrong with you?/may I ask what is wrong?
do you speak English?/may I ask whether you speak English?
what's for dinner?/may I ask what there is for dinner?
are you done?|you done?/have you finished?|may I ask whether you have finished?
you're too late./I am afraid that you are too late.
that's wrong./I am afraid that this is incorrect.
I don't get it./I am afraid that I do not understand.
don't be late!/please be punctual.|please ensure that you arrive on time.
knock it off!|cut it out!/please stop that.|I would ask you to stop that.
get out!/please leave the room.
hands off!/please do not touch that.
keep your hair on!/please do not be upset.
back off!/please keep your distance.|please step back.
spit it out!/please say what you wish to say.
where does it hurt?/could you please tell me where it hurts?|may I ask where you feel the pain?
what do you do?/may I ask what your profession is?
who's there?|who is it?/may I ask who is there?
who's next?/may I ask who is next?
what time do you call this?/may I ask why you are so late?
can you spell that?/could you please spell that?|would you mind spelling that?
can you change a twenty?/would you be able to change a twenty?
do you mind?/would you mind not doing that?
count me in!/I would be pleased to take part.|please include me.
count me out!/I would prefer not to take part.
say hi to your mum!/please give my regards to your mother.
say hi from me!/please give them my regards.
good luck!|fingers crossed!/I wish you every success.|I wish you the best of luck.
get well soon!/I wish you a speedy recovery.
well done!|nice one!/congratulations on your achievement.|I congratulate you.
sorry I'm late!/I apologise for being late.|please excuse my late arrival.
sorry, my bad!/I apologise for my mistake.
never mind!|forget it!/please do not concern yourself with it.
up to you!/I leave the decision to you.|the decision is yours.
what do you think?|thoughts?/may I ask for your opinion?|I would appreciate your opinion.
how's it going?|how are things?/how are you?|I hope that you are well.
mind your own business!/please respect my privacy.
take a number!/please take a number.
next!/next, please.|would the next person please come forward?
all aboard!/all passengers are requested to board.
wash your hands!/please wash your hands.|kindly wash your hands.
no dogs!/dogs are not permitted.
keep off the grass!/please do not walk on the grass.|kindly keep off the grass.
watch your step!/please mind your step.
cash only!/please note that we accept only cash.
sign here!/please sign here.|kindly sign here.
tickets!|got your tickets?/may I see your tickets, please?|tickets, please.
ID?|got any ID?/may I see your identification, please?
coming through!/excuse me, may I pass?
say cheese!/please smile for the photograph.
can I come in?/may I come in?|might I enter?
can I go now?/may I leave now?|may I be excused?
can I have a go?/may I try?|might I be permitted to try?
room for one more?/may I join you?|would there be space for one more person?
fill her up!/please fill the tank.
keep the change!/please keep the change.
"""
