"""The verbs of the grammar: what people ask each other to do, in both registers.

A row is ``name : informal : formal : classes of objects
    : remarks``. In the alternatives, ``{o}`` is
the object, ``{np}`` one that is no pronoun ("pick up it" is not English), ``{it}`` one of a word or
two ("turn the two lamps in the hall down" is clumsy), ``{to}`` a person, ``{dest}`` where something
is put and ``{goal}`` where someone goes. The remarks:

- ``you``: asked of others only, never offered or suggested;
- ``bad``: asked of nobody, but forbidden;
- ``once``: over in a moment, or lasting: nobody is told to stop it;
- ``fine``: nobody forbids it;
- ``new``: held out of training;
- ``unwelcome``: nobody is invited to it;
- ``mood``: how one behaves, which nobody is reminded of or thanked for;
- ``then``: may follow another act, as in "come in and sit down";
- ``me``: asked for oneself only;
- ``long``: lasts a while, so that "for a minute" may follow;
- ``at``: happens somewhere, so that "in the hall" may follow;
- ``now``: happens on the spot, so that no "on Friday" may follow.
"""

from typing import Final

VERBS: Final = """
close : shut {o} : close {o} : opening : once
take chair : grab {o}|pull up {np} : take {o}|bring {o} : seat : once fine
open : open {o}|open {it} up : open {o} : opening container : once
lock : lock {o}|lock {it} up : lock {o}|secure {o} : opening : once unwelcome
sit : sit|sit down|have a seat|~take a pew|grab a seat : take a seat|be seated : -
    : once at long now then
stand : stand up|get up : rise|stand : - : once at now then
wait : wait|hang on|hold on : wait : - : long at now then
stay : stay|stick around : remain|stay : - : long at then
enter : come in|come on in|~get in here : enter|come in|step inside : - : once now unwelcome
leave : go|head off|get going : leave|depart : - : once unwelcome then
return : come back|get back here : return : - : once unwelcome
listen : listen|listen up : listen|listen attentively : - : you fine long now then
attend to : pay attention|look here : pay attention|be attentive : - : you fine now unwelcome mood
be quiet : be quiet|shut up|keep it down|pipe down : be quiet|remain silent : -
    : you fine now unwelcome mood
calm down : calm down|chill out|cool it : remain calm|stay calm : - : you fine now unwelcome mood
hurry : hurry up|get a move on|step on it : hurry|~make haste : - : you once now unwelcome mood
slow down : slow down|take it slow : reduce your speed|slow down : - : you now unwelcome mood
make room : move over|budge up|scoot over : move along|make room : - : you once now unwelcome mood
step aside : get out of the way|step aside : step aside|stand aside : -
    : you once now unwelcome unwelcome mood
queue : line up|queue up : form a queue|queue : - : at now
rest : get some rest|have a rest : rest|take some rest : - : fine long unwelcome then
lie down : lie down : lie down|recline : - : once long now
breathe : take a deep breath : breathe in deeply|take a deep breath : - : you fine now unwelcome
raise hand : put your hand up|stick your hand up : raise your hand : - : you once now unwelcome
buckle up : buckle up|put your seat belt on : fasten your seat belt : -
    : you once fine now unwelcome
be here : be here|get here|turn up : be present|arrive : - : you fine at unwelcome
take turns : take turns : take turns : - : fine unwelcome
lay table : set the table|lay the table : lay the table : - : once
eat out : eat out|go out for a meal : dine out : - : at
call back : call {to} back|ring {to} back : call {to} back|telephone {to} again : -
    : once unwelcome then
move : move {o}|shift {o} : move {o}|relocate {o} : furniture vehicle : once
give : give {to} {np}|hand {to} {np}|~give {o} to {to}
    : hand {o} to {to}|provide {to} with {o}|supply {to} with {o}
    : item document container : once
pass : pass {to} {np}|chuck {to} {np} : pass {to} {np}|pass {o} to {to} : tableware : once now
send : send {to} {np}|send {o} to {to}|~shoot {to} {np} : send {o} to {to}|forward {o} to {to}
    : document file : once
email : email {to} {np}|email {o} to {to} : send {o} to {to} by e-mail : document file : once
show : show {to} {np}|show {o} to {to} : show {o} to {to}|present {o} to {to}
    : document file item : once
lend : lend {to} {np}|let {to} have {np} : lend {to} {np}|lend {o} to {to} : borrowable : you once
bring : bring {to} {np}|bring {o} over to {to} : bring {o} to {to}|bring {to} {np}
    : item drink container : once
fetch : get {to} {np}|grab {to} {np} : fetch {o} for {to}|obtain {o} for {to}
    : item drink goods : once
buy : buy {o}|~shell out for {o} : purchase {o}|buy {o} : goods : once unwelcome
order : order {o}|~order in {np} : order {o}|place an order for {o} : goods food : once
pay : pay {o}|~cough up for {o} : pay {o}|settle {o} : bill : once unwelcome
tell about : tell {to} about {o}|fill {to} in on {o} : inform {to} about {o}|advise {to} of {o}
    : topic : once
let know : let {to} know {o}|tell {to} {o} : inform {to} {o}|advise {to} {o} : clause
    : you once fine unwelcome then
explain : explain {o} to {to}|walk {to} through {o}|talk {to} through {o} : explain {o} to {to}
    : topic document : once fine
enquire : ask {to} about {o} : enquire of {to} about {o} : topic : once
find out : find out {o}|figure out {np} : ascertain {o}|establish {o} : fact : once fine
check : check {o}|double-check {o} : verify {o}|check {o} : fact document level : once fine
look at : look at {o}|take a look at {o}|have a look at {o} : examine {o}|inspect {o}
    : device fixture document file : fine
read : read {o}|have a read of {o} : read {o}|~peruse {o} : document : fine
go through : go over {o}|run through {o}|look over {o}|go through {o} : review {o} : document : fine
write : write {o} : write {o}|compose {o} : document : fine
fill in : fill in {np}|fill {it} in|fill out {np} : complete {o} : form : once fine
finish : finish {o}|wrap up {np}|get {o} done : finish {o}|finalise {o} : task : once fine
do : do {o}|~have a go at {o} : carry out {o}|undertake {o} : task : fine
sign : sign {o}|stick your name on {o} : sign {o} : document form : once
hand in : hand in {np}|hand {it} in|turn in {np} : submit {o} : document task form : once
print : print {o}|print out {np}|run off {np} : print {o} : document : fine
copy : make a copy of {o}|copy {o} : copy {o}|duplicate {o} : document file : fine
scan : scan {o}|scan {it} in : scan {o} : document : fine
attach : attach {o}|stick {o} on the e-mail : attach {o}|enclose {o} : document file : once fine
upload : upload {o}|get {o} uploaded : upload {o} : file document : fine
download : download {o}|grab a copy of {o} : download {o} : file : fine
save : save {o} : save {o} : file document : once fine
delete : delete {o}|wipe {o}|get shot of {o} : delete {o}|erase {o} : file : fine unwelcome
update : update {o}|bring {o} up to date : update {o}|revise {o} : document form : fine
change : change {o}|tweak {o} : amend {o}|modify {o}|alter {o} : document fact :
correct : fix {o}|put {o} right : correct {o}|rectify {o} : mistake : fine
repair : fix {o}|mend {o} : repair {o} : device fixture : fine
test : test {o}|try {it} out|try out {np} : test {o} : device : fine
plug in : plug in {np}|plug {it} in|hook {it} up : connect {o} : device appliance : once
unplug : unplug {o}|pull the plug on {o} : disconnect {o} : device appliance : once unwelcome
switch on : turn on {np}|turn {it} on|switch {it} on : switch on {np}|activate {o}
    : appliance : once
switch off : turn off {np}|turn {it} off|switch {it} off : switch off {np}|deactivate {o}
    : appliance : once
turn down : turn down {np}|turn {it} down : lower {o} : level : once fine now unwelcome
turn up media : turn up {np}|turn {it} up|crank up {np} : turn {it} up|increase the volume of {o}
    : media : once now
turn down media : turn down {np}|turn {it} down : turn {it} down|lower the volume of {o} : media
    : once fine now
turn up : turn up {np}|turn {it} up|crank up {np} : increase {o} : level : once now
charge : charge {o}|charge {it} up : charge {o}|recharge {o} : chargeable : fine
restart : restart {o}|reboot {o} : restart {o} : restartable : once
clean : clean {o}|give {o} a clean : clean {o} : surface device fixture : fine
tidy : tidy up {np}|tidy {o}|clear up {np} : tidy {o} : surface : fine
wash : wash {o}|give {o} a wash : wash {o}|~launder {o} : laundry : fine
dry : dry {o}|dry {it} off : dry {o} : laundry : fine
iron : iron {o}|run the iron over {o} : iron {o}|press {o} : laundry : fine
sweep : sweep {o}|give {o} a sweep : sweep {o} : surface : fine
empty : empty {o}|empty {it} out : empty {o} : bin : once fine
throw away : throw away {np}|chuck {it} out|bin {o}|get rid of {o}
    : dispose of {o}|discard {o} : rubbish : fine
keep : hang on to {o}|hold on to {o} : retain {o}|keep {o} : document item : once unwelcome
put : put {o} {dest}|stick {o} {dest}|pop {o} {dest} : place {o} {dest}|put {o} {dest}
    : item document container : once
leave thing : leave {o} {dest}|drop {o} {dest} : leave {o} {dest}|deposit {o} {dest}
    : item document container : once unwelcome
put away : put away {np}|put {it} away : store {o}|put {o} away : item laundry : once
give back : give back {np}|give {it} back|hand {it} back : return {o} : borrowed : once
bring along : bring {o} along|bring along {np} : bring {o} with you : item : you once
carry : carry {o}|lug {o} : carry {o}|transport {o} : furniture container : once
lift : lift {o}|lift {it} up : lift {o} : furniture container : once
hold : hold {o} : hold {o} : item container : fine long now
pick up : pick up {np}|pick {it} up|swing by for {np} : collect {o} : parcel care_people
    : once fine
drop off : drop off {np}|drop {it} off : deliver {o} : parcel : once fine unwelcome
unpack : unpack {o} : unpack {o} : container : once
pack : pack {o}|pack {it} up : pack {o} : container laundry : fine
choose : pick {o}|go for {o} : select {o}|choose {o} : option : once
book : book {o}|get {o} booked : reserve {o}|book {o} : bookable : once
cancel : call off {np}|call {it} off|scrap {o} : cancel {o} : event : once unwelcome
postpone : put off {np}|put {it} off|push back {np} : postpone {o}|defer {o} : event
    : once unwelcome
arrange : set up {np}|set {it} up|fix up {np} : arrange {o}|organise {o} : event : once
start : start {o}|kick off {np}|get {o} going : begin {o}|commence {o}|start {o} : event : once
end : end {o}|wind up {np} : end {o}|conclude {o} : event : once unwelcome
go to event : come to {o}|come along to {o} : attend {o}|be present at {o} : event
    : once unwelcome
take notes : take notes|jot down some notes : take notes : - : fine then
take break : have a break|take five : take a break|take a short break : - : long then
change seats : swap seats|switch places : exchange seats : - : once now
join meal : have {o} with {to}|grab {o} with {to} : join {to} for {o} : meal : once
meet : meet {to}|meet up with {to} : meet {to}|meet with {to} : - : once
visit : drop in on {o}|pop round to see {o} : visit {o}|call on {o} : people : once
help : help {to}|give {to} a hand|help {to} out : assist {to}|help {to} : - : fine
help with : help {to} with {o}|give {to} a hand with {o} : assist {to} with {o}
    : task container furniture document : fine
phone : call {to}|ring {to}|give {to} a call|give {to} a ring
    : telephone {to}|call {to}|contact {to} by telephone : - : once unwelcome then
contact : get in touch with {to}|get hold of {to}|drop {to} a line : contact {to} : -
    : once unwelcome
text : text {to}|drop {to} a text : send {to} a text message|send a text message to {to} : -
    : once unwelcome then
talk to : talk to {to}|have a word with {to}|have a chat with {to}
    : speak with {to}|speak to {to} : - : long then
talk about : talk about {o}|chat about {o} : discuss {o} : topic :
answer : answer {o} : answer {o}|respond to {o} : question : once
reply : get back to {to} : reply to {to}|respond to {to} : - : once unwelcome then
apologise : say sorry to {to} : apologise to {to}|offer {to} your apologies : -
    : you once fine unwelcome
thank : say thanks to {to}|thank {to} : thank {to}|express your thanks to {to} : - : you once fine
invite : ask {to} along|ask {to} round : invite {to}|extend an invitation to {to} : - : once
remind about : remind {to} about {o}|give {to} a nudge about {o} : remind {to} of {o} : topic
    : once unwelcome
warn : warn {to} about {o}|give {to} a heads-up about {o} : warn {to} of {o}|alert {to} to {o}
    : danger issue : once fine unwelcome
look after : look after {o}|keep an eye on {o} : take care of {o}|watch over {o} : care
    : fine long
feed : feed {o}|give {o} some food : feed {o} : pet :
water : water {o}|give {o} some water : water {o} : garden :
cook : make {o}|cook {o}|rustle up {np} : prepare {o}|cook {o} : hot_food : fine
make drink : make {to} {np}|fix {to} {np} : prepare {o} for {to} : drink : once fine
heat : heat up {np}|heat {it} up|warm {it} up : heat {o}|warm {o} : hot_food : fine
cut : cut {o}|chop {o}|cut {it} up : cut {o}|slice {o} : cuttable : fine
taste : try {o}|have a bite of {o}|give {o} a try : taste {o}|sample {o} : food : once now
eat : eat {o}|eat {it} up|tuck into {o} : eat {o}|consume {o} : food :
serve : serve {o}|dish out {np} : serve {o} : food : once
put on : put on {np}|put {it} on|stick {it} on : wear {o}|put on {np} : clothes : once
take off : take off {np}|take {it} off|get {o} off : remove {o} : clothes : once
hang up : hang up {np}|hang {it} up : hang {o} up|hang {o} : laundry clothes : once fine
count : count {o}|count {it} up|tot up {np} : count {o} : countable : fine
measure : measure {o}|run a tape over {o} : measure {o}|take the measurements of {o}
    : furniture fixture : fine
weigh : weigh {o}|stick {o} on the scales : weigh {o} : container parcel : fine
sort : sort {o}|get {o} sorted : sort {o}|put {o} in order : document laundry : fine
label : label {o}|stick a label on {o} : label {o} : container : fine
translate : translate {o} : translate {o} : document : fine
repeat : say {o} again|run {o} by me again : repeat {o}|say {o} again : spoken : once now
write down : write down {np}|write {it} down|jot down {np} : note {o}|make a note of {o}
    : fact : once fine
remember : keep {o} in mind|remember {o} : bear {o} in mind|remember {o} : fact topic
    : you once fine unwelcome
think about : think about {o}|have a think about {o} : consider {o}|reflect on {o} : topic :
decide on : decide on {o}|make your mind up about {o}
    : reach a decision on {o}|come to a decision on {o}
    : topic : you once fine unwelcome
accept : say yes to {o}|take up {np} : accept {o}|agree to {o} : proposal : once
refuse : say no to {o}|pass on {o}|knock {it} back : decline {o}|reject {o} : proposal
    : once unwelcome
support : back {o}|get behind {o} : support {o}|endorse {o} : proposal :
approve : okay {o}|give {o} the go-ahead|sign off on {o} : approve {o}|authorise {o}
    : proposal : once
share : share {o} with {to} : share {o} with {to} : file document food : fine unwelcome
use : use {o}|go on {np} : use {o}|make use of {o}|~utilise {o} : device : long
borrow : borrow {o}|nick {o} for a bit : borrow {o} : borrowable : me long
keep borrowed : hang on to {o} for a bit : keep {o} for a while : borrowable : me long
find : find {o}|track down {np}|dig out {np} : find {o}|locate {o} : item document : once fine
look for : look for {o}|hunt for {o} : search for {o}|look for {o} : item document :
replace : swap {o}|swap {it} out : replace {o}|exchange {o} : device fixture : once
give lift : drive {to} {goal}|give {to} a lift {goal}|run {to} {goal}
    : drive {to} {goal}|take {to} {goal} by car : - : once
go to : go {goal}|head {goal}|nip {goal} : proceed {goal}|go {goal} : - : once unwelcome
come with : come with {to}|come along with {to}|tag along with {to} : accompany {to} : -
    : once now unwelcome
follow : follow {to} : follow {to} : - : now unwelcome
wait for : wait for {to}|hang on for {to} : wait for {to}|await {to} : - : unwelcome
park : park {dest}|stick the car {dest} : park {dest}|leave your vehicle {dest} : -
    : you once unwelcome
turn left : hang a left|turn left : turn left|take the turning on the left : -
    : you once now unwelcome
turn right : hang a right|turn right : turn right|take the turning on the right : -
    : you once now unwelcome
get on : get on {o}|hop on {o}|jump on {o} : board {o} : transport : once now
get off : get off {o}|hop off {o} : alight from {o}|leave {o} : transport : once now unwelcome
get in : get in {o}|hop in {o} : enter {o}|get into {o} : vehicle : once now
see expert : go and see {o}|go see {o} : consult {o} : expert : once fine
learn : learn {o}|~get {o} off pat : learn {o}|memorise {o} : learned : fine
practise : practise {o}|have another go at {o} : practise {o}|rehearse {o} : learned :
solve : work out {np}|work {it} out|crack {o} : solve {o} : puzzle : fine
deal with : deal with {o}|sort {it} out|sort out {np} : resolve {o}|address {o} : issue : fine
report : flag {o}|flag {it} up : report {o} : issue : once fine
ask for : ask for {o}|put in for {o} : request {o}|apply for {o} : request : once
confirm : confirm {o} : confirm {o} : fact bookable : once fine
lower : slash {o}|bring down {np}|bring {it} down : reduce {o}|decrease {o} : amount : once
increase : put up {np}|bump up {np}|put {it} up : raise {o} : amount : once
publish : post {o}|put {o} online : publish {o} : document file : once
build : put together {np}|put {it} together|throw together {np} : assemble {o} : furniture : fine
paint : paint {o}|give {o} a coat of paint : paint {o} : furniture fixture :
mention : bring up {np}|bring {it} up : mention {o} : topic : once
ignore : forget about {o}|take no notice of {o} : disregard {o}|ignore {o} : document topic
    : once unwelcome
avoid : stay away from {o}|steer clear of {o} : avoid {o}|keep away from {o} : danger
    : once fine unwelcome
wrap : wrap {o}|wrap {it} up : wrap {o} : container parcel : fine
get ready : get {o} ready|get {o} set up : make {o} ready|set {o} up : room : once fine
continue : keep going|carry on : continue|proceed : - : now
try again : have another go|try again : try again|make another attempt : - : once
be careful : be careful|watch out : be careful|take care : - : you once fine mood
be patient : be patient|hold your horses|bear with me : be patient : - : you once fine mood
be on time : be on time|turn up on time : be punctual|be on time : - : you once fine
let in : let {to} in|let {to} inside : admit {to}|allow {to} to enter : - : once
let through : let {to} through|let {to} past : allow {to} to pass|let {to} pass : - : once
wake : wake {to} up|give {to} a shout : wake {to} : - : once
greet : say hi to {to}|say hello to {to} : greet {to}|give my regards to {to} : - : you once fine
leave alone : leave {to} alone : leave {to} in peace : - : you once fine
collect : pick {to} up {origin}|fetch {to} {origin} : collect {to} {origin}|meet {to} {origin}
    : - : once
take photo : take a pic of {to}|snap a pic of {to} : take a photograph of {to}|photograph {to}
    : - : once
take message : take a message : take a message : - : once fine
cover : cover {o}|fill in for {o} : take over {o} : shift : fine
look up : google {o}|look {it} up : look up {np}|search for {o} online
    : fact : once fine
show round : show {to} around|show {to} round : give {to} a tour|show {to} the premises : -
    : once fine
carry on with : carry on with {o}|get on with {o} : continue with {o}|proceed with {o} : task
    : once
have look round : have a look around|look around : look around : - : fine
wait outside : wait outside|hang about outside : wait outside|remain outside : - :
touch : touch {o}|mess with {o}|fiddle with {o} : touch {o}|handle {o} : device item : bad
smoke : smoke|light up : smoke : - : bad at
shout : shout|yell : raise your voice|shout : - : bad at
run : run|run around : run : - : bad at
chat : talk|chat|natter : converse|talk : - : bad at
interrupt : cut {to} off|butt in on {to} : interrupt {to} : - : bad
disturb : bother {to}|bug {to} : disturb {to}|~trouble {to} : - : bad
worry : worry about {o}|stress about {o} : be concerned about {o} : topic issue : bad
panic : panic|freak out : panic|be alarmed : - : bad now
push : push|shove : push : - : bad at now
waste : waste {o} : waste {o} : resource : bad
be late : be late for {o}|show up late for {o} : be late for {o}|arrive late for {o} : event : bad
block : block {o}|get in the way of {o} : obstruct {o}|block {o} : blocked : bad
damage : break {o}|smash {o} : damage {o}|break {o} : fragile : bad
lean on : lean on {o} : lean on {o} : furniture device : bad
moan about : moan about {o}|whinge about {o} : complain about {o} : topic : bad
laugh at : laugh at {to}|make fun of {to} : laugh at {to}|ridicule {to} : - : bad
lose : lose {o} : lose {o}|mislay {o} : item document : bad
laminate : laminate {o} : laminate {o} : document : fine new
sterilise : sterilise {o} : sterilise {o} : tools : fine new
varnish : varnish {o} : varnish {o} : furniture : new
polish : polish {o} : polish {o} : furniture surface : fine new
staple : staple {o} : staple {o} : document : new
shred : shred {o} : shred {o} : document : new
bookmark : bookmark {o} : bookmark {o} : document : fine new
encrypt : encrypt {o} : encrypt {o} : file document : fine new
proofread : proofread {o} : proofread {o} : document : fine new
defrost : defrost {o} : defrost {o} : food : fine new
inflate : inflate {o} : inflate {o} : tools : new
rotate : rotate {o} : rotate {o} : furniture file : new
circulate : circulate {o} : circulate {o} : document : new
annotate : annotate {o} : annotate {o} : document : fine new
calibrate : calibrate {o} : calibrate {o} : device : fine new
disinfect : disinfect {o} : disinfect {o} : surface tools : fine new
digitise : digitise {o} : digitise {o} : document : fine new
reupholster : reupholster {o} : reupholster {o} : furniture : new
marinate : marinate {o} : marinate {o} : food : fine new
dismantle : dismantle {o} : dismantle {o} : furniture device : new
"""

SEQUENCES: Final = """
print : sign, send, scan, copy, read
write : send, print, sign, email
read : sign, send, translate
fill in : sign, hand in
sign : send, hand in, give, scan, copy
finish : hand in
do : hand in
scan : email, send, upload, save
copy : send, give, put
check : send, sign, print
update : send, print, publish, save
translate : send, print
change : send, save
wash : dry, iron, hang up, put away
dry : put away, iron
iron : put away, hang up, pack
find : give, bring, show, send
fetch : put, give
lift : move, carry, hold
cook : serve, taste, share
heat : serve, eat, share
cut : serve, cook, heat, share
clean : dry
repair : test, restart, charge
unplug : clean, repair
plug in : charge, test, switch on
restart : test
download : save, copy, send
take off : hang up
weigh : label, wrap
wrap : label, carry, put
pack : label, carry
build : paint
book : confirm
learn : practise
take chair : sit
enter : sit, wait
"""
"""What may be done with a thing after something else: "print the form and sign it"."""
