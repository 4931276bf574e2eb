"""Nouns of what can be touched: things, papers, machines, food, clothes."""

from typing import Final

from etude.generative.style.text.noun_class import EDIBLE, PAPER, THING, NounClass

OBJECTS: Final = {
    "opening": NounClass(
        nouns="window, door, gate, front door, back door, drawer, cupboard, shutter!, skylight!, "
        "garage, blinds*, curtains*, hatch!, fridge/refrigerator, boot, safe, gates*, "
        "cabin door",
        determiners="the the the the that this",
        adjectives="other left right big/large",
    ),
    "container": NounClass(
        nouns="box, bag, suitcase, parcel|package/parcel, envelope, jar, bottle, tin|can/tin, "
        "bucket, basket, crate!, folder, file, backpack/rucksack, handbag, packet, trunk!, "
        "case, toolbox, lunch box",
        determiners="the the my that this",
        adjectives=THING,
        places=True,
    ),
    "document": NounClass(
        nouns="report, letter, form, contract, invoice, e-mail|email/e-mail, memo/memorandum, "
        "message, agenda, draft, application, list, receipt, certificate, questionnaire, "
        "proposal, essay, article, paper, summary, schedule, budget, spreadsheet, "
        "presentation, slides*, minutes*, figures*, notes*, docs|papers/documents*, "
        "paperwork/documentation~, manual, CV|resume/curriculum vitae, leaflet, timetable, "
        "menu, map, prescription, dossier!, affidavit!, brochure!, script, survey, "
        "statement, plan, quote/quotation, logbook!, transcript!, specifications*, "
        "handout, translation, chapter, newsletter!, worksheet, rota, warranty!, pamphlet!",
        determiners="the the my our this that your",
        adjectives=PAPER,
        places=True,
    ),
    "form": NounClass(
        nouns="form, application form, questionnaire, survey, order form, claim form, "
        "timesheet!, registration form, feedback form, visa form, customs form!",
        determiners="the the this that a",
        adjectives="other short new",
        places=True,
    ),
    "file": NounClass(
        nouns="file, photo|pic/photograph, video, app, folder, backup, password, recording, "
        "attachment, spreadsheet, link, post, comment, database!, playlist!",
        determiners="the the this that my",
        adjectives="new old other wrong/incorrect right/correct last",
    ),
    "device": NounClass(
        nouns="printer, computer, laptop, projector, scanner, phone|mobile/telephone, tablet, "
        "camera, mic/microphone, bike/bicycle, car, boiler, lift, washing machine, "
        "dishwasher, router, thermostat!, wheelchair, toaster!, coffee machine, speaker, "
        "alarm, lawnmower!, turntable!, generator!, drone!, vacuum cleaner, photocopier!",
        determiners="the the the this that my your",
        adjectives="new old other broken",
        places=True,
    ),
    "fixture": NounClass(
        nouns="door, window, lock, tap, clock, bed, roof, fence, gate, shelf, shower, sink, "
        "stairs*, light, cupboard, blinds*, handle, garage door, chimney!, gutter!, "
        "doorbell!, ceiling, radiator",
        determiners="the the the this that my our",
        adjectives="old other broken",
    ),
    "chargeable": NounClass(
        nouns="phone|mobile/telephone, laptop, tablet, camera, speaker, torch, headphones*, "
        "drone!, scooter, battery, watch, drill",
        determiners="the my my your that",
        adjectives="old other new",
    ),
    "restartable": NounClass(
        nouns="computer, laptop, router, printer, phone|mobile/telephone, projector, tablet, "
        "server, system, engine, app, machine, generator!, turbine!, washing machine, "
        "scanner",
        determiners="the the the this my",
        adjectives="other old",
    ),
    "media": NounClass(
        nouns="music~, radio, TV|telly/television, speakers*, song, sound~, film, "
        "mic/microphone, stereo, soundtrack!",
        determiners="the the that your",
    ),
    "hot_food": NounClass(
        nouns="soup~, pizza, pie, chicken~, rice~, pasta~, stew, potatoes*, carrots*, "
        "veg|veggies/vegetables*, fish~, porridge~, curry, meat~, lamb~, pancakes*, "
        "risotto!, casserole!, lasagne!~, mushrooms*, salmon~, sauce, steak, leftovers*, "
        "eggs*, beans*, chilli, sausages*",
        determiners="the the the some your that",
    ),
    "cuttable": NounClass(
        nouns="bread~, cake, pizza, pie, chicken~, cheese~, apple, potatoes*, carrots*, onions*, "
        "tomatoes*, veg|veggies/vegetables*, meat~, lamb~, mushrooms*, strawberries*, "
        "melon, steak, lemon, cucumber!, aubergine!, ham~",
        determiners="the the the some this that",
        adjectives="fresh other big/large",
    ),
    "mine": NounClass(
        nouns="keys*, phone|mobile/telephone, specs|reading glasses/spectacles*, passport, coat, "
        "bag, book, dog, seat, room, office, tickets*, kids|little ones/children*, laptop, "
        "umbrella, wallet, gloves*, charger, mum|mom/mother, dad/father, order, luggage~, "
        "car, lunch~, suitcase, stethoscope!, desk, boss/supervisor",
        determiners="my my my your our",
        adjectives="other new",
    ),
    "appliance": NounClass(
        nouns="light, lights*, lamp, heating~, radio, TV|telly/television, fan, oven, kettle, "
        "computer, projector, printer, phone|mobile/telephone, engine, alarm, music~, "
        "screen, air con/air conditioning~, mic/microphone, dishwasher, heater, "
        "humidifier!, sprinkler!, camera, speaker, tap, grill, hob, monitor, subtitles*, "
        "engine",
        determiners="the the the the that your",
        adjectives="other small|little/small",
    ),
    "furniture": NounClass(
        nouns="table, chair, sofa|couch/sofa, desk, bed, wardrobe, cupboard, bookcase, lamp, "
        "bench, armchair, piano, rug, mattress, ladder, stool, tent, cot!, hammock!, "
        "shelf, bookshelf, car, whiteboard",
        determiners="the the the this that my",
        adjectives="big/large new old other small|little/small heavy wooden",
        places=True,
    ),
    "seat": NounClass(
        nouns="chair, stool, cushion, seat, armchair, folding chair",
        determiners="a a the that",
    ),
    "item": NounClass(
        nouns="book, pen, keys*, umbrella, bag, coat, folder, scissors*, pencil, notebook, "
        "ticket, charger, phone|mobile/telephone, laptop, calculator, stapler!, ruler!, "
        "envelope, torch, hammer, screwdriver, towel, blanket, pillow, "
        "specs|reading glasses/spectacles*, wallet, watch, passport, "
        "stuff|things/belongings~, box, ball, racket, camera, pic|photo/photograph, "
        "tape measure!, rope, stamp!, magazine, newspaper, map, guitar, trolley, "
        "clipboard!, dictionary, bandage!, stethoscope!, spanner!, basket, "
        "remote/remote control, card, badge, suitcase, marker, textbook, thermometer!, "
        "bucket, ladder, parcel|package/parcel, memory stick, headphones*, drill, iron, "
        "duvet!, first-aid kit, atlas!, notepad!",
        determiners="the the my that this your our",
        adjectives=THING,
        places=True,
    ),
    "borrowable": NounClass(
        nouns="pen, pencil, umbrella, phone|mobile/telephone, charger, bike/bicycle, car, book, "
        "laptop, calculator, ladder, notes*, hammer, drill, dictionary, torch, scissors*, "
        "coat, iron, headphones*, tent, scarf, suitcase, textbook, stapler!, ruler!, "
        "wheelbarrow!, compass!, guitar, lawnmower!, sleeping bag",
        determiners="your your your your that the",
        adjectives="blue black red old spare other",
    ),
    "tableware": NounClass(
        nouns="salt~, pepper~, butter~, bread~, milk~, sugar~, water~, plates*, glasses*, "
        "forks*, napkins*, ketchup~, sauce, menu, jug, mustard~, gravy!~, teapot!, ladle!, "
        "knife, spoon, oil~, vinegar~, bowl, tray, corkscrew!, scissors*, "
        "remote/remote control, ball, hammer, screwdriver, tape~, stapler!",
        determiners="the the the the that those",
    ),
    "food": NounClass(
        nouns="soup~, bread~, cake, pizza, salad, sandwich, pie, chicken~, rice~, pasta~, stew, "
        "cheese~, apple, potatoes*, carrots*, onions*, tomatoes*, veg|veggies/vegetables*, "
        "fish~, porridge~, curry, meat~, lamb~, pancakes*, biscuits*, risotto!, "
        "casserole!, lasagne!~, mushrooms*, salmon~, strawberries*, leftovers*, sauce, "
        "steak",
        determiners="the the the this that some your",
        adjectives=EDIBLE,
    ),
    "clothes": NounClass(
        nouns="coat, jacket, hat, scarf, gloves*, shoes*, boots*, jumper/pullover, seat belt, "
        "mask, helmet, tie, specs|reading glasses/spectacles*, trainers*, apron!, "
        "cardigan!, goggles!*, uniform, sunglasses*, wellies/rubber boots*, cap, "
        "hi-vis/high-visibility jacket, gown!",
        determiners="your your your your the that a",
        adjectives="warm new black blue other",
    ),
    "laundry": NounClass(
        nouns="shirts*, sheets*, towels*, clothes*, jacket, trousers*, uniform, socks*, "
        "curtains*, tablecloth!, tea towels*, dress, blanket, dishes*, glasses*",
        determiners="the the the my your those",
        adjectives="dirty white wet other clean",
    ),
    "surface": NounClass(
        nouns="table, floor, kitchen, bathroom, windows*, car, desk, board, whiteboard, oven, "
        "stairs*, sink, office, room, garage, worktop!, patio!, fridge/refrigerator, "
        "windscreen, counter, hall, classroom, cage!, bedroom, tank!, ward",
        determiners="the the the your this that",
        adjectives="other",
    ),
    "rubbish": NounClass(
        nouns="rubbish|trash/refuse~, old newspapers*, boxes*, bottles*, litter~, "
        "junk/unwanted items~, old sofa|old couch/old sofa, leftovers*, packaging~, "
        "old clothes*, batteries*, cardboard!~, old mattress, "
        "old documents|old papers/old documents*, food waste~, broken glass~, "
        "old phone|old mobile/old telephone, cans*, needles!*",
        determiners="the the the that this",
    ),
    "bin": NounClass(
        nouns="bin, dishwasher, bucket, drawer, washing machine, ashtray!, dustbin, "
        "recycling box, tray, sink, kettle, bath, boot, cupboard",
        determiners="the the that",
    ),
    "care": NounClass(
        nouns="kids|little ones/children*, baby, dog, cat, luggage~, shop, house, plants*, cat, "
        "phones|mobiles/telephones*, rabbit!, hamster!, patient, reception, stall, "
        "front desk, parrot!, bike/bicycle, pan, time~, twins*, desk, suitcases*, suitcase",
        determiners="the the the my our that",
    ),
    "pet": NounClass(
        nouns="dog, cat, rabbit!, fish~, hamster!, birds*, baby, hens*, parrot!, horses*, puppy, "
        "ducks*, pony",
        determiners="the the the my your our",
    ),
    "garden": NounClass(
        nouns="plants*, flowers*, garden, roses*, tomatoes*, lawn, seedlings!*, trees*, "
        "tulips!*, herbs*",
        determiners="the the my our your",
    ),
    "fragile": NounClass(
        nouns="glasses*, vase, box, eggs*, laptop, camera, mirror, cake, chemicals*, knife, "
        "parcel|package/parcel, piano, books*, screen, porcelain!~, bottles*, painting, "
        "violin!, china~, samples*, needles!*, hot soup~, lamp, instruments*, candles*, "
        "ladder",
        determiners="the the the that those my this",
        adjectives="new old other",
    ),
    "parcel": NounClass(
        nouns="parcel|package/parcel, tickets*, prescription, keys*, laundry~, cake, flowers*, "
        "dry cleaning~, order, books*, docs|papers/documents*, laptop, costume!, samples*, "
        "meds/medication~, trophy!, contract, uniform, bike/bicycle",
        determiners="the the the my your our",
        adjectives="other missing last",
    ),
    "borrowed": NounClass(
        nouns="pen, umbrella, phone|mobile/telephone, charger, bike/bicycle, book, laptop, "
        "calculator, ladder, notes*, drill, keys*, torch, scissors*, money~, dictionary, "
        "DVD, stapler!, ruler!, wheelbarrow!, guitar, tools*",
        determiners="my my my the our",
        adjectives="other blue black red",
    ),
    "countable": NounClass(
        nouns="tickets*, boxes*, chairs*, money~, change~, guests|visitors/guests*, votes*, "
        "copies*, pages*, forms*, plates*, bottles*, kids|little ones/children*, tiles!*, "
        "bags*, stock~, coins!*",
        determiners="the the the those",
    ),
    "tools": NounClass(
        nouns="knives*, scissors*, bottle, instruments*, trolley, tray, mask, ball, tyres!*, "
        "mattress, cushion, tools*, airbed!, pump!",
        determiners="the the this that",
        adjectives="other new old",
    ),
}
