"""Lines that request nothing: facts, opinions, news, small talk and questions of the world.

They are what a model of requests meets by mistake. Many hold words that requests hold as well
("can", "please", "would you"), so that none of them alone gives a request away.
"""

from functools import lru_cache
from random import Random
from typing import Final

from etude.generative.style.text.phrases import Phrase, draw, parse

WORDS: Final = {
    "who": "Tom|Anna|my sister|our neighbour|the manager|Mr Smith|her brother|"
    "the new teacher|Professor Hall|my boss|the committee|Priya|the old man|"
    "a friend of mine|the mayor|his aunt",
    "people": "the children|my parents|our neighbours|the students|most people|the guests|they|"
    "we|the twins|some colleagues|the players|the visitors|both teams",
    "place": "in the kitchen|at the station|in London|near the river|at school|in the garden|"
    "abroad|on the second floor|at home|in the mountains|behind the church|by the sea|"
    "in the office",
    "time": "yesterday|last week|in 1998|this morning|on Sunday|two years ago|last night|"
    "last summer|an hour ago|in March|on Tuesday|at noon",
    "future": "tomorrow|next week|in May|on Friday|next summer|soon|in two days|tonight|at nine",
    "food": "soup|pizza|cheese|the curry|fish|chocolate|this cake|olives|green tea|"
    "black coffee|rice",
    "hobby": "jazz|football|chess|gardening|old films|opera|sailing|crosswords|hiking|poetry|"
    "tennis|board games|the violin|photography",
    "thing": "window|report|train|printer|book|film|house|car|song|letter|meeting|garden|"
    "bridge|museum|concert|painting|phone|bicycle|kitchen|lecture|hotel|bill|door|coat|"
    "bus|exam|lift",
    "adjective": "old|new|blue|expensive|beautiful|broken|empty|interesting|boring|heavy|famous|"
    "late|quiet|amazing|terrible|quite small|far too loud|rather dull|popular|closed|"
    "cheap",
    "animal": "dog|cat|owl|horse|elephant|whale|fox|spider|bee|cow|rabbit|parrot",
    "city": "Paris|London|Rome|Cairo|Lima|Oslo|Kyoto|Nairobi|Lisbon|Dublin|Vienna|Madrid",
    "country": "France|Japan|Kenya|Peru|Norway|Canada|Egypt|Portugal|India|Chile|Ireland",
    "subject": "history|chemistry|law|music|maths|biology|economics|Spanish|physics|medicine",
    "number": "two|three|five|seven|ten|twelve|twenty|forty|a hundred|about fifty",
    "weather": "cold|hot|sunny|rainy|windy|foggy|mild|awful|lovely|freezing",
    "did": "bought a {thing}|sold the {thing}|missed the bus|closed the window|"
    "called the doctor|sent the letter|passed the exam|broke a glass|found the keys|"
    "painted the door|won the match|read the report|cooked dinner|cancelled the meeting|"
    "opened the shop|moved to {city}|forgot the tickets|signed the contract|fell asleep|"
    "met the president|lost a shoe|asked for the bill|helped the neighbours|"
    "waited for an hour|sat down next to me|fixed the printer|told me about the trip|"
    "turned off the lights|brought some wine",
    "does": "works at the bank|lives {place}|plays the piano|teaches {subject}|likes {food}|"
    "speaks five languages|drives a bus|has {number} cousins|hates {food}|"
    "studies {subject}|collects stamps|never eats meat|gets up at six|wears glasses|"
    "sings in a choir|runs a cafe",
}
FACTS: Final = """
{who} {did} {time}.
{who} {does}.
the {thing} is {adjective}.
the {thing} {place} is {adjective}.
the {thing} was {adjective} {time}.
{people} went to {city} {time}.
{people} will go to {city} {future}.
{city} is bigger than {city}.
there are {number} {thing}s {place}.
the {animal} is asleep {place}.
an {animal} can live for {number} years.
a {animal} cannot fly.
water boils at a hundred degrees.
the train from {city} arrives at {number}.
the capital of {country} is {city}.
the {thing} costs {number} pounds.
the company made a profit of {number} million pounds last year.
the committee approved the budget {time}.
according to the report, {people} prefer {food}.
it has been established that the {thing} was {adjective}.
the bridge was built in the nineteenth century.
{number} per cent of the members voted against the motion.
furthermore, the results were significant.
the results are shown in table {number}.
the author argues that {subject} is undervalued.
it is {weather} today.
it was {weather} {time}.
it will be {weather} {future}.
the shop opens at {number}.
the sun sets in the west.
my birthday is in March.
we have {number} children and a {animal}.
{who} has been to {country} twice.
the meeting starts at {number}.
the {thing} doesn't work.
"""
OPINIONS: Final = """
I really like {food}.
I [love|hate|adore|can't stand] {hobby}.
I think the {thing} is {adjective}.
I don't think the {thing} is {adjective}.
honestly, the {thing} was {adjective}.
in my opinion, {city} is more beautiful than {city}.
I would say that {hobby} is [dull|wonderful|underrated].
that {thing} is so {adjective}!
what a {adjective} {thing}!
what a day!
lol, that was [so|really] funny.
omg, the {thing} was amazing!
this is the best {thing} I've ever seen.
I couldn't agree more.
you're right.
you look great today.
your {thing} is {adjective}.
your {animal} is very cute.
it could be worse.
I prefer {food} to {food}.
nothing beats {food} on a {weather} day.
{hobby} is not for me.
I must say that I was disappointed.
I am of the opinion that the {thing} is {adjective}.
you can see the sea from here.
you never know.
"""
NEWS: Final = """
I [missed|caught] the train {time}.
I [was|am] {place}.
I can't believe {people} won.
I can't remember the name of the {thing}.
I could hear the {animal} all night.
{time} I {did}.
{time} we all went to {city}.
last night I dreamt of a {animal}.
I {did} {time}.
I {did} because it was {weather}.
I had {food} for breakfast.
we had {food} again.
we moved here {time}.
it's been {weather} for days.
my [brother|aunt|grandfather|neighbour] {did}.
my [brother|aunt|grandfather|neighbour] asked me to sit down.
the {animal} sat on the {thing}.
same here.
he would have called if he could.
she [laughed|cried|smiled|waited].
I've been ill since Monday.
I bought a {adjective} {thing} {time}.
I'm going to {city} {future}.
we're having {food} tonight.
we saw {who} {place} {time}.
I will be on holiday {future}.
I just got home.
I am writing from {city}.
I can swim.
I can't sleep when it's {weather}.
I would have come if I had known.
I might go to {country} {future}.
my {animal} is called {who}.
{who} asked me to close the {thing}.
{who} told {people} to wait {place}.
{who} said that the {thing} was {adjective}.
{who} wants to buy the {thing}.
{who} needs a new {thing}.
{who} can't find the {thing}.
{people} need more time.
{people} would like to see the {thing}.
they asked us politely to leave.
please was the first word she learned.
I helped {who} with the {thing} {time}.
I forgot to lock the {thing}.
I have to work {future}.
I used to live in {city}.
she thanked him for the flowers.
he didn't say a word.
nobody knew where the {thing} was.
we could hear the {animal} from the {thing}.
the kids are fine.
I'm [tired|hungry|bored|happy|so tired].
I have already eaten.
gonna be {weather} {future}.
been there, done that.
I have read your {thing} with great interest.
we received your letter {time}.
the delivery arrived {time}.
"""
QUESTIONS: Final = """
do you like {food}?
do you like {hobby}?
did you see the match {time}?
did {who} like the {thing}?
how was your [weekend|trip|holiday|exam]?
how was the {thing}?
who won the match?
who wrote that {thing}?
why is the sky blue?
why did {people} leave?
what did {who} say?
what colour is your {thing}?
when did {who} move to {city}?
where were you {time}?
where did {people} go {time}?
have you ever been to {country}?
have you seen the new film?
are you from {country}?
are you hungry?
is it {weather} in {city}?
is the {thing} {adjective}?
was the {thing} {adjective}?
how many people live in {city}?
how old is the {thing}?
does {who} speak {subject}?
which do you prefer, {food} or {food}?
isn't the {thing} {adjective}?
can {animal}s swim?
will it rain {future}?
has {who} arrived yet?
to what extent is {subject} relevant today?
"""
GREETINGS: Final = """
[hi|hello|hey|good morning|good evening|good afternoon][!|.|, everyone!|, {who}.]
good night!
happy birthday!
nice to meet you.
it is a pleasure to meet you.
I'm fine[, thanks.|.|, thank you.]
fine, thanks.
not bad.
yes.
yes, of course.
no, thank you.
no.
okay.
maybe.
me too.
I see.
my name is {who}.
I'm {who}.
lol
haha, nice.
thanks!
thank you very much.
you're welcome.
congratulations, {who}!
bless you!
cool.
what a shame!
I'm sorry to hear that.
"""
KINDS: Final = (FACTS, OPINIONS, NEWS, QUESTIONS, GREETINGS)


def draw_statement(rng: Random) -> str:
    """One line; the spaces between its words are as they fall."""
    return draw(parse(rng.choice(rng.choice(KINDS).strip().splitlines())), rng, _words())


@lru_cache(maxsize=1)
def _words() -> dict[str, Phrase]:
    return {name: parse(pattern) for name, pattern in WORDS.items()}
