"""More verbs of every day, noted as in ``lexicon_verbs``, and the things they are done to."""

from typing import Final

from etude.generative.style.text.noun_class import PLAIN, NounClass

EVERYDAY_VERBS: Final = """
introduce : introduce {o} to {to} : introduce {o} to {to}|present {o} to {to} : people : once
lend money : spot {to} {np}|lend {to} {np} : lend {to} {np}|advance {to} {np} : sum : you once
swap with : swap {o} with {to} : exchange {o} with {to} : swapped : once
hold door : hold the door for {to}|get the door for {to} : hold the door for {to} : - : once now
keep secret : keep {o} to yourself|keep {o} quiet|keep {o} under your hat
    : keep {o} confidential|treat {o} as confidential : secret : you once
let dry : let {o} dry|leave {o} to dry : allow {o} to dry|leave {o} to dry : drying
    : once long unwelcome
let cool : let {o} cool down|let {o} cool|leave {o} to cool : allow {o} to cool : hot_food
    : once long unwelcome
boil over : let {o} boil over : allow {o} to boil over|let {o} boil over : boiling : bad
burn : burn {o}|let {o} burn : burn {o}|allow {o} to burn : hot_food : bad
let get cold : let {o} get cold : allow {o} to become cold|let {o} get cold : hot_food : bad
drop : drop {o}|let go of {o} : drop {o}|let go of {o} : fragile : bad
forget : forget {o}|leave {o} behind : forget {o}|leave {o} behind : item : bad
tease : poke {o}|tease {o}|wind {it} up : tease {o}|provoke {o} : pet : bad
feed wild : feed {o} : feed {o} : wild : bad
handle : touch {o}|paw at {o} : touch {o}|handle {o} : shown : bad
climb on : climb on {o}|clamber on {o} : climb on {o} : shown furniture : bad
litter : drop litter|chuck your rubbish about : drop litter|leave litter : - : bad at
swear : swear|cuss : swear|use bad language : - : bad at
jump queue : jump the queue|push in : jump the queue|push in : - : bad
stare at : stare at {to}|gawp at {to} : stare at {to} : - : bad
sign in : sign in|check in : register|sign in : - : once at
sign up : sign up for {o}|put your name down for {o} : register for {o}|enrol for {o} : course
    : you once fine
join : join {o}|jump in on {o} : join {o}|take part in {o} : course : once
take route : take {o}|use {o} : use {o}|take {o} : route : once
bring own : bring {o}|bring {o} along : bring {o}|bring {o} with you : own : you once fine
put kettle on : pop {o} on|stick {o} on|put {o} on : switch {o} on|turn {o} on : kettle : once
lower voice : keep your voice down|talk a bit quieter : lower your voice|speak more quietly : -
    : you fine at now unwelcome mood
speak up : speak up|talk louder : speak more loudly|speak up : - : you fine now unwelcome mood
talk slowly : talk slower|slow down when you talk : speak more slowly : -
    : you fine now unwelcome mood
stay seated : stay in your seat|stay sitting : remain seated|remain in your seat : -
    : you fine long at now
print copies : print {to} {np}|run off {np} for {to} : print {o} for {to} : copies : once fine
take some : nick {o}|pinch {o}|have {o} : take {o}|have {o} : bits : me
contact office : get in touch with {o}|call {o}|ring {o}|give {o} a ring
    : contact {o}|telephone {o}|call {o} : office : once unwelcome
take someone : take {to} {goal}|walk {to} {goal}
    : accompany {to} {goal}|escort {to} {goal}|take {to} {goal} : - : once
reschedule : move {o}|change the time of {o} : reschedule {o}|rearrange {o} : event : once unwelcome
come along : come to {o} with us|come along to {o} : accompany us to {o}|join us at {o} : outing
    : you once
have meal : grab {o}|have {o}|get {o} : have {o}|take {o} : meal : at
ask whether : ask {to} {o} : ask {to} {o}|enquire of {to} {o} : matter : once fine
show how : show {to} {o} : show {to} {o}|demonstrate to {to} {o} : way : once fine
say opinion : say what you think|tell me what you think
    : give your opinion|tell me your opinion : - : you once fine then
make sure : make sure {o}|check {o} : ensure {o}|make certain {o} : condition : you once fine
walk dog : walk {o}|take {o} for a walk|take {o} out : walk {o}|take {o} for a walk : walked :
change part : change {o}|swap {o} : change {o}|replace {o} : part : once fine
hoover : hoover {o}|run the hoover over {o} : vacuum {o}|clean {o} with a vacuum cleaner : carpet
    : fine
dishes : do {o}|wash up {np} : wash {o} : dishes : fine
mow : mow {o}|cut {o} : mow {o} : grass : fine
put bins out : put the bins out|take the bins out|take the trash out
    : take out the refuse|put out the refuse : - : once fine unwelcome
lock up : lock up : lock the premises|secure the premises : - : once fine unwelcome
turn over : turn over {np}|flip {o}|flip {it} over : turn {o} over|turn over {np} : flat : once fine
spell : spell {o}|spell {it} out : spell {o} : spelled : once fine now
describe : describe {o}|tell me what {o} looked like : describe {o} : seen : once fine
press : hit {o}|press {o}|push {o} : press {o} : button : once now
stir : stir {o}|give {o} a stir : stir {o} : hot_food : fine
wipe : wipe {o}|wipe {it} down|give {o} a wipe : wipe {o} : surface : fine
fold : fold {o}|fold {it} up : fold {o} : laundry document : fine
peel : peel {o} : peel {o} : cuttable : fine
pour : pour {to} {np} : pour {to} {np}|serve {to} {np} : drink : once fine
top up : top up {np}|fill {it} up : refill {o}|fill {o} : vessel : once fine
save place : save {to} {np}|keep {to} {np} : reserve {o} for {to}|keep {o} for {to} : place_kept
    : you once fine
leave note : leave {to} {np} : leave {o} for {to} : note : once fine
keep posted : keep {to} posted|keep {to} in the loop : keep {to} informed|keep {to} updated : -
    : you fine unwelcome
give a minute : give {to} a minute|give {to} a sec : allow {to} a moment|grant {to} a moment : -
    : you once fine unwelcome
get dressed : get dressed|throw some clothes on : dress|get dressed : - : once fine unwelcome
get up early : get up early : rise early : - : once
go to bed : hit the sack|go to bed|turn in : go to bed|retire for the night : - : once
behave : behave|be good : behave|behave properly : - : you fine at unwelcome mood
share room : share with {to}|muck in with {to} : share with {to} : - : once
play game : play {o}|have a game of {o} : play {o} : game :
watch show : watch {o}|catch {o} : watch {o} : show :
take seat off : book {to} in for {o} : make an appointment for {to} for {o} : treatment : once fine
try on : try on {np}|try {it} on : try {o} on : clothes : once fine
split : split {o}|go halves on {o} : divide {o}|share the cost of {o} : bill cuttable : once
swap number : give {to} {np} : provide {to} with {o}|give {to} {np} : details : you once fine
get past : squeeze past|get past|get through : pass|get past : - : me once now
start car : start {o}|get {o} going : start {o} : vehicle : once
empty pockets : empty your pockets|turn out your pockets : empty your pockets : -
    : you once fine now unwelcome
stand back : stand back|get back : stand back|step back : - : you once fine now unwelcome mood
form line : line up|make a line : form a line : - : once now
dim : dim {o}|turn {it} down a bit : dim {o}|reduce {o} : lights : once
tie : tie {o}|do up {np}|do {it} up : tie {o}|fasten {o} : laces : fine once
"""

EVERYDAY: Final = {
    "sum": NounClass(
        nouns="ten quid/ten pounds*, a fiver/five pounds~, twenty quid/twenty pounds*, "
        "a tenner/ten pounds~, a few quid/a few pounds*, some cash/some money~, "
        "five bucks/five dollars*, a hundred quid/a hundred pounds*, "
        "fifty bucks/fifty dollars*, two euros*, thirty quid/thirty pounds*, "
        "a couple of quid/two pounds*",
        determiners="none",
    ),
    "swapped": NounClass(
        nouns="shifts*, seats*, places*, rooms*, numbers*, desks*, bikes/bicycles*, roles*, "
        "cards*, partners*",
        determiners="none",
    ),
    "secret": NounClass(
        nouns="news~, plan, address, password, matter, offer, details*, story, surprise, salary, "
        "results*, recipe!, deal/agreement, name, reason, code",
        determiners="the the this that my",
    ),
    "drying": NounClass(
        nouns="paint~, glue~, shoes*, boots*, plaster~, clay!~, coat, ink~, hair~, towels*, "
        "umbrella, concrete!~, floor, paintwork~",
        determiners="the the the that your",
    ),
    "boiling": NounClass(
        nouns="soup~, milk~, rice~, pasta~, sauce, potatoes*, stew, porridge~, beans*, jam!~",
        determiners="the the the that",
    ),
    "wild": NounClass(
        nouns="pigeons*, ducks*, animals*, monkeys*, birds*, seagulls*, horses*, fish~, bears!*, "
        "deer~, swans*, goats!*, squirrels*, foxes*",
        determiners="the the the those these",
    ),
    "shown": NounClass(
        nouns="exhibits*, paintings*, sculptures*, glass~, walls*, wires*, buttons*, controls*, "
        "statue, railings*, wet cement!~, display, fossils!*, animals*, model, instruments*, "
        "fence, merchandise~",
        determiners="the the the that those these",
    ),
    "course": NounClass(
        nouns="course, workshop, class, tour, trial, newsletter!, competition, quiz, gym, "
        "mailing list, choir, team, course in first aid, marathon!, club, library, "
        "evening class, programme",
        determiners="the the our this",
    ),
    "route": NounClass(
        nouns="stairs*, lift, side door, back entrance, other entrance, fire exit, ramp, "
        "next left, first exit, footbridge!, underpass!, next bus, tram, left lane, ring road, "
        "second right",
        determiners="the",
    ),
    "own": NounClass(
        nouns="own towel, own lunch~, own bag, own cup, own pen, own laptop, own food~, "
        "own sleeping bag, packed lunch, student card, own tools*, own drinks*, own blanket, "
        "own slippers!*, own headphones*, passport, work permit!, insurance card",
        determiners="your",
    ),
    "kettle": NounClass(
        nouns="kettle, heating~, oven, radio, TV|telly/television, lights*, coffee machine, fan, "
        "hob, urn!",
        determiners="the",
    ),
    "copies": NounClass(
        nouns="ten copies of this*, two copies of the report*, a copy of the map~, "
        "five copies of the form*, another copy of it~, three copies of that*, "
        "twenty copies of the leaflet*, a few copies of the menu*, a spare copy~, "
        "four copies of the contract*",
        determiners="none",
    ),
    "bits": NounClass(
        nouns="one of your crisps~, one of your chips~, one of these~, a slice of that cake~, "
        "some of your chocolate~, the last biscuit~, a sip of your drink~, "
        "one of those pens~, two of these*, a bit of bread/some bread~, one of your biscuits~, "
        "a couple of grapes!*, a piece of paper~, one of your sweets~",
        determiners="none",
    ),
    "office": NounClass(
        nouns="office, bank, hotel, council, helpline, school, police*, insurance company, "
        "garage, doctor's/surgery, embassy!, help desk, front desk, airline, box office, "
        "landlord, electrician, customer service department, registrar!, reception~",
        determiners="the the the our",
    ),
    "outing": NounClass(
        nouns="museum, cinema, theatre, beach, market, zoo, park, pub, concert, match, "
        "exhibition, gym, restaurant, party/celebration, aquarium!, pool, barbecue, opera, "
        "library, game, circus!, cafe",
        determiners="the",
    ),
    "matter": NounClass(
        nouns="if he's still coming/whether he is still coming~, if she's in/whether she is in~, "
        "when they're leaving/when they are leaving~, what she wants/what she would like~, "
        "where the keys are~, if it's okay/whether it is acceptable~, how long it takes~, "
        "if he's got time/whether he has time~, who's coming/who will be attending~, "
        "why he's cross/why he is upset~, if they've eaten/whether they have eaten~, "
        "what the password is~, when the shop opens~, where the meeting is~, "
        "if there's any news/whether there is any news~, how the trip went~, "
        "if she needs a lift/whether she requires a lift~",
        determiners="none",
    ),
    "way": NounClass(
        nouns="how this printer works~, how it works~, how to get there~, how this is done~, "
        "how the coffee machine works~, how to open it~, how this thing works/how this works~, "
        "how to use the scanner~, what to do~, where to sign~, how to switch it on~, "
        "where the tools are kept~, how to fold it~, how to log in~",
        determiners="none",
    ),
    "condition": NounClass(
        nouns="the door's locked/that the door is locked~, "
        "all the windows are shut/that all windows are closed|that all the windows are closed~, "
        "the lights are off/that the lights are switched off~, "
        "everyone's got a ticket/that everyone has a ticket~, "
        "the heating's off/that the heating is switched off~, "
        "nobody's in there/that nobody is inside~, it's plugged in/that it is connected~, "
        "the kids eat something/that the children eat something~, "
        "you've got your passport/that you have your passport~, "
        "the cat doesn't get out/that the cat does not escape~, "
        "it's clean/that it is clean~, the dog's been fed/that the dog has been fed~, "
        "there's enough food/that there is sufficient food~, "
        "the bill's been paid/that the bill has been paid~, "
        "the gate's closed/that the gate is closed~, "
        "your phone's off/that your telephone is switched off~",
        determiners="none",
    ),
    "walked": NounClass(
        nouns="dog, dogs*, puppy, neighbour's dog, poodle!, greyhound!",
        determiners="the the the my our",
    ),
    "part": NounClass(
        nouns="bulb|lightbulb/light bulb, sheets*, batteries*, filter, tyre, bandage!, "
        "ink cartridge, password, lock, oil~, channel, tablecloth!, wallpaper!, nappy",
        determiners="the the the that",
    ),
    "carpet": NounClass(
        nouns="carpet, stairs*, living room, bedroom, hall, rug, office, car, "
        "landing!, sofa|couch/sofa",
        determiners="the the the your this",
    ),
    "dishes": NounClass(
        nouns="dishes*, pots*, plates*, glasses*, pans*, cutlery~, cups*, saucepans!*",
        determiners="the the those these",
    ),
    "grass": NounClass(nouns="lawn, grass~, front lawn, hedge, verge!", determiners="the the our"),
    "flat": NounClass(
        nouns="page, card, steak, mattress, paper~, pancake, form, record, tile!, sheet",
        determiners="the the the that",
    ),
    "spelled": NounClass(
        nouns="name, surname!, word, address, title, street name, e-mail address|email address"
        "/e-mail address, first name, name of the street",
        determiners="your the that the",
    ),
    "seen": NounClass(
        nouns="man, woman, car, bag, thief, building, suspect!, house, driver, place, dog",
        determiners="the the that",
    ),
    "button": NounClass(
        nouns="button, red button, green button, bell, brake, buzzer, top button, "
        "pause button, switch, pedal!, reset button, second button",
        determiners="the the the that",
    ),
    "vessel": NounClass(
        nouns="tank!, kettle, glass, jug, water bottle, printer, washer, glasses*, cups*, teapot!, "
        "paper tray, salt shaker!, vase",
        determiners="the the the my your",
    ),
    "place_kept": NounClass(
        nouns="seat, place, slice of cake, ticket, copy, chair, window seat, piece of pizza, "
        "table, spot, portion!",
        determiners="a a the another",
    ),
    "note": NounClass(
        nouns="note, message, voicemail, number, key, map, list, memo/memorandum, reminder, "
        "bowl of soup, sample!",
        determiners="a a the",
    ),
    "game": NounClass(
        nouns="chess~, cards*, football~, tennis~, a round of golf~, table tennis~, "
        "another round~, draughts!~, darts!*, pool~, hide-and-seek~",
        determiners="none",
    ),
    "show": NounClass(
        nouns="film, match, news~, game, new series~, next episode, documentary, show, play, "
        "sunset, fireworks*, rehearsal, semi-final!",
        determiners="the",
    ),
    "treatment": NounClass(
        nouns="haircut, check-up, massage, fitting, eye test, X-ray, blood test, vaccination!, "
        "viewing, test drive, consultation!",
        determiners="a a the another",
    ),
    "details": NounClass(
        nouns="phone number|mobile number/telephone number, address, name, e-mail address"
        "|email address/e-mail address, details*, date of birth, postcode, bank details*, "
        "first name, order number, room number, shoe size, surname!",
        determiners="your your the his her",
    ),
    "lights": NounClass(
        nouns="lights*, lamp, brightness~, headlights*, screen, spotlight!",
        determiners="the the that your",
        adjectives=PLAIN,
    ),
    "laces": NounClass(
        nouns="laces*, shoes*, tie, apron!, belt, boots*, shoelaces*, ribbon!",
        determiners="your your the",
    ),
}
