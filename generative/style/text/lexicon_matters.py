"""Nouns of what cannot be touched, or had better not: events, facts, places, people, wishes."""

from typing import Final

from etude.generative.style.text.noun_class import PLAIN, NounClass

MATTERS: Final = {
    "task": NounClass(
        nouns="homework~, exercise, report, essay, project, assignment, "
        "paperwork/documentation~, questionnaire, presentation, experiment, worksheet, "
        "crossword!",
        determiners="the the my this that your",
    ),
    "shift": NounClass(
        nouns="shift, class, lesson, morning shift, night shift, desk, reception~, stall",
        determiners="my my the her his",
    ),
    "level": NounClass(
        nouns="volume~, heating~, brightness~, temperature~, gas~, speed~, pressure~, "
        "humidity!~, heat~, air con/air conditioning~",
        determiners="the the the that",
    ),
    "meal": NounClass(
        nouns="lunch~, dinner~, breakfast~, tea~, supper~, a meal~, a bite/a light meal~",
        determiners="none",
    ),
    "drink": NounClass(
        nouns="coffee, cup of tea|cuppa/cup of tea, beer, glass of water, glass of wine, "
        "hot chocolate, drink, juice, lemonade!, espresso!, milkshake, cup of coffee, "
        "cappuccino!, glass of milk",
        determiners="a a a a another",
    ),
    "treat": NounClass(
        nouns="coffee, cup of tea|cuppa/cup of tea, biscuit, piece of cake, sandwich, drink, "
        "glass of water, beer, glass of wine, snack/light meal, sweet, slice of pizza, "
        "bowl of soup, hot chocolate, ice cream, piece of fruit, mint!, pastry!, cushion, "
        "blanket, lift home|ride home/lift home, croissant!, receipt, bag, refill, tissue, "
        "plaster",
        determiners="a a a a another",
    ),
    "stock": NounClass(
        nouns="milk~, sugar~, paper~, stamps*, tickets*, batteries*, change~, cash~, envelopes*, "
        "bread~, eggs*, coffee~, ice~, soap~, printer ink~, plasters*, brown rice~, time~, "
        "space~, free tables*, spare keys*, gluten-free bread~, towels*, news~, "
        "painkillers*, candles*, matches*, room~, scissors*, info/information~, "
        "questions*, tape~, glue~, parsley!~, yeast!~, postcards!*, aspirin~, "
        "vegetarian dishes*, other sizes*",
        determiners="any any any some",
    ),
    "wanted": NounClass(
        nouns="coffee, ticket, ticket to London, table for two, room for two nights, "
        "single to Oxford, cup of tea|cuppa/cup of tea, receipt, bag, single room, table, "
        "refund, sandwich, glass of water, new password, plaster, taxi|cab/taxi, day off, "
        "appointment, return ticket, bottle of water, invoice, blanket, "
        "new phone|new mobile/new telephone, copy of the report, double room, window seat, "
        "discount, pen, map, loaf of bread, pillow, key, quote/quotation, replacement, "
        "parking permit!, muffin!, map, hot drink, baguette!, second opinion, extension, "
        "spare key, break, word with the manager",
        determiners="a a a a another",
    ),
    "goods": NounClass(
        nouns="milk~, bread~, ticket, tickets*, present, flowers*, stamps*, new printer, food~, "
        "wine~, batteries*, paper~, ink~, chairs*, newspaper, cake, coffee~, pens*, "
        "meds/medication~, veg|veggies/vegetables*, fruit~, sofa|couch/sofa, laptop, "
        "train tickets*, books*, eggs*, envelopes*, lightbulbs*, detergent!~, petrol~, "
        "pizza, uniform, furniture~, tiles!*, curtains*, birthday card",
        determiners="the some the a the",
        adjectives="new other",
    ),
    "event": NounClass(
        nouns="meeting, party/celebration, lesson, appointment, interview, training session, "
        "conference, rehearsal, dinner, get-together/gathering, class, workshop, seminar!, "
        "webinar!, concert, match, wedding, call/telephone conference, exam/examination, "
        "outing/excursion, tour, talk, barbecue, video call/video conference, review, "
        "press conference, course, funeral, open day, ceremony, picnic!, auction!, "
        "performance, launch, check-up",
        determiners="the the the our our your this",
        adjectives="next",
    ),
    "shop": NounClass(
        nouns="shop, library, museum, bank, canteen, pool, kitchen, cafe, "
        "chemist's|chemist/pharmacy, post office, gym, restaurant, bar, ticket office, "
        "market, bakery!, car park, visitor centre, florist!",
        determiners="the",
    ),
    "bookable": NounClass(
        nouns="table, room, flight, taxi|cab/taxi, meeting room, tickets*, hotel, seat, "
        "appointment, train, court, holiday|hols/holiday, cottage!, minibus!, restaurant, "
        "viewing, venue, place",
        determiners="a a the the our",
        adjectives="new other",
    ),
    "transport": NounClass(
        nouns="bus, train, plane/aircraft, boat, tram, ferry!, coach, ship, sleeper!",
        determiners="the the the",
        adjectives="next first",
    ),
    "vehicle": NounClass(
        nouns="car, taxi|cab/taxi, van, lorry, ambulance, bike/bicycle, motorbike/motorcycle, "
        "minibus!, trailer!, pram, scooter, wheelchair",
        determiners="the the your that this my",
        adjectives="red white old other",
    ),
    "place_to": NounClass(
        nouns="station, airport, kitchen, hospital, office, bank, shop, post office, canteen, "
        "exit, reception, library, loo|toilet/lavatory|restroom, car park, platform, gate, "
        "front desk, chemist's|chemist/pharmacy, bus stop, meeting room, entrance, school, "
        "hotel, beach, park, till/cash desk, classroom, supermarket, town hall, "
        "waiting room, departure lounge!, ground floor, doctor's/surgery, checkout, "
        "marina!, embassy!, gym, cafe, playground, X-ray department",
        determiners="the",
        adjectives="nearest nearest",
    ),
    "findable": NounClass(
        nouns="loo|toilet/lavatory|restroom, station, exit, remote/remote control, keys*, "
        "phone|mobile/telephone, car park, lift, post office, manager, milk~, "
        "specs|reading glasses/spectacles*, bus stop, nurse, book, scissors*, meeting, "
        "meeting room, passport, dog, doc|doctor/doctor, chemist's|chemist/pharmacy, "
        "cash machine|cashpoint/cash machine, reception, coffee machine, stairs*, "
        "tickets*, sugar~, canteen, kids|little ones/children*, fire exit, cloakroom!, "
        "vestry!, first-aid kit, platform, taxi rank, bank, photocopier!, boss/supervisor, "
        "changing room, invoice, stationery cupboard, till/cash desk, entrance, "
        "supermarket, library",
        determiners="the",
        adjectives="nearest other",
    ),
    "fact": NounClass(
        nouns="time~, price, address, date, password, reason, deadline, total, number, answer, "
        "result, cause, cost, balance, code, phone number|mobile number/telephone number, "
        "order number, temperature, exchange rate, score, plan, problem, rule, due date, "
        "postcode, difference, length, dosage!, surcharge!, size, exact time, diagnosis, "
        "name of the hotel, arrival time",
        determiners="the the the the the your",
        adjectives="new exact",
    ),
    "asked": NounClass(
        nouns="time~, price, address, date, password, reason, deadline, total, number, answer, "
        "result, phone number|mobile number/telephone number, plan, problem, temperature, "
        "Wi-Fi password, next stop, balance, code, weather forecast, exchange rate, cost, "
        "soup of the day, agenda, difference, score, charge, name of the hotel, fare!, "
        "dosage!, rent, surcharge!, speed limit, dress code",
        determiners="the the the the",
        adjectives=PLAIN,
    ),
    "topic": NounClass(
        nouns="price, plan, problem, project, schedule, budget, deadline, holiday|hols/holiday, "
        "offer, accident, job/position, course, outing/excursion, changes*, results*, "
        "meeting, delay, new rules*, weather~, weekend, details*, bill, contract, "
        "exam/examination, idea, delivery, payment, order, situation, noise~, next steps*, "
        "mistake|slip-up/error, costs*, move/relocation~, house, merger!, curriculum!, "
        "outage!, rent~, discount, interview, treatment, diagnosis, insurance~, "
        "party/celebration, parking~, report, invoice",
        determiners="the the the our your this that",
        adjectives="new other",
    ),
    "issue": NounClass(
        nouns="problem, complaint, delay, accident, mistake|slip-up/error, leak, fault, "
        "missing parcel|missing package/missing parcel, damage~, theft, noise~, "
        "broken window, blocked sink, outage!, vandalism!~, water damage~, "
        "spelling mistake/spelling error, lost luggage~, queue, shortage, conflict",
        determiners="the the the this that",
    ),
    "mistake": NounClass(
        nouns="mistake|slip-up/error, typo/typographical error, spelling mistake/spelling error, "
        "wrong date/incorrect date, wrong address/incorrect address, "
        "wrong total/incorrect total, mistakes|slip-ups/errors*, "
        "typos/typographical errors*",
        determiners="the the this that my those",
    ),
    "puzzle": NounClass(
        nouns="problem, puzzle, equation, riddle!, sum, question, crossword!, exercise, case",
        determiners="the the this that",
        adjectives="first last next other second",
    ),
    "question": NounClass(
        nouns="question, e-mail|email/e-mail, letter, invitation, message, "
        "phone|mobile/telephone, complaint, customer, survey, request, doorbell!",
        determiners="the the this that my",
        adjectives="first last next other",
    ),
    "spoken": NounClass(
        nouns="question, name, address, number, date, instructions*, answer, word, sentence, "
        "phone number|mobile number/telephone number, order, title, last part~, surname!, "
        "joke, order number, figures*, first line~",
        determiners="the the your that",
    ),
    "learned": NounClass(
        nouns="poem, song, new words*, lines*, rules*, alphabet, speech, times tables*, "
        "vocabulary~, dance, sonnet!, formula, steps*, piece, role",
        determiners="the the your this that",
    ),
    "option": NounClass(
        nouns="seat, date, colour, topic, card, book, number, partner, film, starter!, dessert, "
        "time, paint, size, restaurant, name, candidate, photo|pic/photograph, room, "
        "format, wallpaper!",
        determiners="a a the your",
        adjectives="different new other",
    ),
    "proposal": NounClass(
        nouns="plan, offer, proposal, idea, request, budget, invitation, application, contract, "
        "order, changes*, design, invoice, expenses*, holiday request, refund, tender!, "
        "merger!, candidate, deal/agreement",
        determiners="the the our this that my",
        adjectives="new other latest final first",
    ),
    "request": NounClass(
        nouns="refund, discount, receipt, day off, pay rise, permission~, help/assistance~, "
        "extension, second opinion, bill, visa, loan, grant, transfer, advice~, feedback~, "
        "upgrade!, copy, new password, rebate!",
        determiners="a a the",
    ),
    "bill": NounClass(
        nouns="bill, invoice, rent~, fee, deposit, balance, fine, taxi|cab/taxi, ticket, "
        "tickets*, course fee, toll!, electricity bill, membership fee, gas bill",
        determiners="the the the this that your my",
        adjectives="outstanding last",
    ),
    "amount": NounClass(
        nouns="price, costs*, rent~, speed~, fee, number of copies~, budget, noise~, risk, dose, "
        "waiting time, interest rate, workload!, tempo!, font size",
        determiners="the the the our",
    ),
    "expert": NounClass(
        nouns="doc|doctor/doctor, dentist, nurse, lawyer|solicitor/solicitor, "
        "vet/veterinary surgeon, manager, GP/general practitioner, specialist, accountant, "
        "optician!, pharmacist!, head teacher, plumber, electrician, career adviser, "
        "physiotherapist!, midwife, surgeon",
        determiners="the a your my",
    ),
    "people": NounClass(
        nouns="kids|little ones/children*, guests|visitors/guests*, neighbours*, clients*, "
        "customers*, parents*, students*, new guy/new colleague, boss/supervisor, team, "
        "driver, teacher, patient, baby, mum|mom/mother, dad/father, "
        "grandma|gran/grandmother, grandad|grandpa/grandfather, "
        "workmates|colleagues/colleagues*, landlord, receptionist, doc|doctor/doctor, "
        "nurse, manager, twins*, lady, guy|bloke|chap/gentleman, waiter, "
        "cops|police/police*, headmaster, plumber, electrician, "
        "old lady|old woman/elderly lady, old man/elderly gentleman, supplier, caretaker, "
        "postman, cousins!*, auditor!, tenants!*, chef, tourists*, passengers*, committee, "
        "mates|friends/friends*, sister, brother, aunt|auntie/aunt, conductor!, interns!*, "
        "applicants*, usher!, customer, tutor",
        determiners="the the the the your my our",
    ),
    "danger": NounClass(
        nouns="step, dog, wet floor, traffic~, gap, stairs*, ice~, broken glass~, low ceiling, "
        "hot plates*, nettles!*, cyclists*, wet paint~, pickpockets*, holes*, "
        "falling rocks*, cables*, slippery steps*, speed bump!, oncoming train, wasps*, "
        "loose wires*, low beam, puddles*, hot pan, steep steps*, bump, black ice~, "
        "jellyfish!~",
        determiners="the the the those",
    ),
    "blocked": NounClass(
        nouns="entrance, door, exit, road, drive, view, corridor, stairs*, doorway, aisle!, "
        "fire exit, gangway!, pavement, platform, ramp",
        determiners="the the the the my",
    ),
    "resource": NounClass(
        nouns="water~, paper~, time~, money~, food~, electricity~, energy~, petrol~, ink~, "
        "heat~, battery",
        determiners="the any none none",
    ),
    "apology": NounClass(
        nouns="mess~, noise~, delay, mistake|slip-up/error, trouble/inconvenience~, wait, "
        "misunderstanding, short notice~, spelling mistakes/spelling errors*, late reply, "
        "confusion~, smell~, bad news~, interruption, damage~, outage!, poor sound~, "
        "missing page, wrong number/incorrect number",
        determiners="the the the the that",
    ),
    "wish": NounClass(
        nouns="weekend, day, evening, trip/journey, holiday|hols/holiday, birthday, flight, "
        "time~, afternoon, night, stay, Christmas, meal, week, Easter, morning, summer, "
        "break",
        determiners="none",
    ),
    "care_people": NounClass(
        nouns="kids|little ones/children*, guests|visitors/guests*, boss/supervisor, dog, "
        "mum|mom/mother, clients*, twins*, grandma|gran/grandmother, new guy/new colleague",
        determiners="the my our",
    ),
    "room": NounClass(
        nouns="room, table, meeting room, spare room, hall, kitchen, stage, stand, classroom, "
        "office, operating theatre!, marquee!, beds*, projector, equipment~",
        determiners="the the our",
    ),
    "clause": NounClass(
        nouns="if you can make it/whether you are able to attend|whether you can attend~, "
        "when you get here/when you arrive~, "
        "what you think/what your opinion is|what you think~, "
        "if you need anything/if you require anything~, how it goes~, "
        "when it's ready/when it is ready~, if there's a problem/if there is a problem~, "
        "if you're coming/whether you will be coming~, "
        "what time you're free/what time you are available~, "
        "if you can't come/if you are unable to attend~, "
        "when you're done/when you have finished~, "
        "if that works/whether that is convenient~, "
        "how many are coming/how many people will attend~, "
        "if anything changes/should anything change|if anything changes~, where you are~, "
        "how much it is/how much it costs~, if you're running late/if you are delayed~, "
        "what's going on/what is happening~, what you want/what you require~, "
        "why you're late/why you are late~, what happened~, "
        "who's in charge/who is in charge~, if you get lost/should you lose your way~",
        determiners="none",
    ),
}
