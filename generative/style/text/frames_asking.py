"""Frames in which somebody is asked to do something."""

from typing import Final

from etude.generative.style.text.frame import Frame

ASKING: Final = {
    "command": Frame(
        agent="you",
        weight=6.0,
        adjuncts="2tpcrs",
        also=("question",),
        informal="""~c'mon, {act} {tail}[!|.]
            ~{act}, please.
            ~{act} {tail}, [please|yeah|will ya]!
            ~come on, {act} {tail}!
            ~could do with you {acting} {tail}.
            ~[yo|hey], {act} {tail}[!|.]
            ~you, {act} {tail}!
            ~{act} {tail}, [yeah|ok|alright|right]?
            ~{act} {tail}, would ya?
            ~{act} already!
            ~now {act} {tail}.
            ~gotta ask you to {act} {tail}.
            {act} {tail}[!|.|]
            {act} {tail}.
            just {act} {tail}.
            {act}, [okay|yeah]?
            {act}, [will you|would you]?
            go on, {act} {tail}.
            ~[pls|plz] {act} {tail}.""",
        formal="""~we kindly ask you to {act} {tail}.
            ~would you kindly {act} {tail}?
            ~please be so good as to {act} {tail}.
            ~we must ask you to {act} {tail}.
            ~it is requested that you {act} {tail}.
            ~please be advised to {act} {tail}.
            ~[all guests|all passengers|all visitors] are kindly requested to {act} {tail}.
            ~[guests|passengers|visitors|members] are [requested|asked] to {act} {tail}.
            ~we kindly ask that you {act} {tail}.
            ~we kindly request that you {act} {tail}.
            ~I [would|must] kindly ask you to {act} {tail}.
            ~I would request that you {act} {tail}.
            ~please kindly {act} {tail}.
            ~would you please be so kind as to {act} {tail}?
            please {act} {tail}.
            please {act} {tail}.
            kindly {act} {tail}.
            [may|might] I ask you to {act} {tail}?
            I must ask you to {act} {tail}.
            would you please {act} {tail}?
            you are kindly requested to {act} {tail}.""",
    ),
    "question": Frame(
        agent="you",
        weight=6.0,
        adjuncts="2tpcrs",
        also=("command",),
        informal="""~can ya {act} {tail}?
            ~could ya {act} {tail}?
            ~can you {act} {tail} or what?
            ~could u {act} {tail}?
            ~{act} {tail}, could you?
            ~can someone {act} {tail}?
            ~would you mind just {acting} {tail}?
            ~think you can {act} {tail}?
            ~you able to {act} {tail}?
            ~can you be a mate and {act} {tail}?
            ~is there any way you can {act} {tail}?
            ~will ya {act} {tail}?
            ~could you maybe {act} {tail}?
            ~could you {act} {tail}?
            ~[got a minute|got a sec|got time] to {act} {tail}?
            ~you got a minute to {act} {tail}?
            ~{act} {tail}?
            can you {act} {tail}?
            can you [just|quickly|~pls] {act} {tail}?
            can you {act} {tail}, please?
            could you just {act} {tail}?
            could you {act} real quick?
            will you {act} {tail}?
            [do you think|you think|reckon] you could {act} {tail}?
            any chance you could {act} {tail}?
            [mind|d'you mind] {acting} {tail}?
            {act} {tail}, can you?
            you couldn't {act}, could you?
            ~can u {act} {tail}?""",
        formal="""~I was wondering [whether|if] you could {act} {tail}.
            ~might I trouble you to {act} {tail}?
            ~would you be willing to {act} {tail}?
            ~may I request that you {act} {tail}?
            ~I wonder [whether|if] you would mind {acting} {tail}.
            ~could you possibly {act} {tail}?
            ~would it be possible to {act} {tail}?
            ~would it trouble you to {act} {tail}?
            ~may I prevail upon you to {act} {tail}?
            ~could I possibly ask you to {act} {tail}?
            ~I was wondering if it would be possible for you to {act} {tail}.
            ~if it is not too much trouble, could you {act} {tail}?
            ~might I ask whether you could {act} {tail}?
            ~would you be good enough to {act} {tail}?
            ~could you kindly {act} {tail}?
            ~would it be at all possible for you to {act} {tail}?
            ~I was hoping that you could {act} {tail}.
            could you please {act} {tail}?
            could you please {act} {tail}?
            would you mind {acting} {tail}?
            would you be so kind as to {act} {tail}?
            would it be possible for you to {act} {tail}?
            I wonder [whether|if] you could {act} {tail}.
            would you be able to {act} {tail}?
            might you be able to {act} {tail}?
            may I trouble you to {act} {tail}?
            could I ask you to {act} {tail}?""",
    ),
    "invitation": Frame(
        agent="you",
        weight=2.5,
        adjuncts="tp",
        also=("command", "question"),
        marks="-unwelcome -mood",
        informal="""~c'mon, come and {act} {tail}!
            ~come {act} {tail}.
            ~hey, come and {act} {tail}!
            ~you should come and {act} {tail}.
            come and {act} {tail}[!|.]
            come on, {act} {tail}[!|.]
            come over and {act} {tail}.
            come on in and {act} {tail}.
            come on over and {act} {tail}.""",
        formal="""~we invite you to come and {act} {tail}.
            ~may I ask you to come and {act} {tail}?
            ~you are cordially invited to {act} {tail}.
            please {act} {tail}.
            please do {act} {tail}.
            do {act} {tail}.
            please come and {act} {tail}.
            won't you {act} {tail}?
            please do come and {act} {tail}.
            do come and {act} {tail}.""",
    ),
    "proposal": Frame(
        agent="you",
        weight=1.5,
        adjuncts="tpc",
        marks="-unwelcome -mood",
        informal="""~you up for {acting} {tail}?
            ~feel like {acting} {tail}?
            ~how about you {act} {tail}?
            [wanna|want to|do you want to] {act} {tail}?
            why don't you {act} {tail}?
            fancy {acting} {tail}?
            d'you fancy {acting} {tail}?
            why not {act} {tail}?""",
        formal="""~might you care to {act} {tail}?
            ~might I invite you to {act} {tail}?
            ~would you be interested in {acting} {tail}?
            would you care to {act} {tail}?
            would you like to {act} {tail}?
            may I invite you to {act} {tail}?
            perhaps you would care to {act} {tail}?
            might I suggest that you {act} {tail}?""",
    ),
    "need": Frame(
        agent="you",
        weight=3.0,
        adjuncts="2tpcrs",
        also=("command", "question", "gratitude"),
        informal="""~I wanna see you {act} {tail}.
            ~gonna need you to {act} {tail}.
            ~need you to {act} {tail}.
            ~I kinda need you to {act} {tail}.
            I need you to {act} {tail}.
            I want you to {act} {tail}.
            I'd like you to {act} {tail}.
            we need you to {act} {tail}.
            I'm gonna need you to {act} {tail}.""",
        formal="""~I'd appreciate it if you could {act} {tail}.
            ~I would very much like you to {act} {tail}.
            ~it is my wish that you {act} {tail}.
            ~we would like you to {act} {tail}.
            I would like you to {act} {tail}.
            I would appreciate it if you could {act} {tail}.
            I should like you to {act} {tail}.
            I would ask you to {act} {tail}.
            we would ask you to {act} {tail}.""",
    ),
    "gratitude": Frame(
        agent="you",
        weight=2.0,
        adjuncts="2tpcrs",
        also=("question", "need"),
        informal="""~it'd be awesome if you could {act} {tail}.
            ~I'd love it if you could {act} {tail}.
            ~be a mate and {act} {tail}.
            ~any way you could {act} {tail}? [that'd be great.|you're a star.]
            it'd be [great|nice|good] if you could {act} {tail}.
            would be great if you could {act} {tail}.
            do me a favour and {act} {tail}[.|, will you?]
            be [a star|an angel|a love] and {act} {tail}[!|.]
            you'd be doing me a favour if you could {act} {tail}.""",
        formal="""~I'd be grateful if you could {act} {tail}.
            ~I should be [grateful|obliged|much obliged] if you would {act} {tail}.
            ~I should be grateful if you could {act} {tail}.
            ~I would greatly appreciate it if you would {act} {tail}.
            ~it would be most kind of you to {act} {tail}.
            ~we should be grateful if you would {act} {tail}.
            ~I would be most grateful if you would {act} {tail}.
            ~I would be thankful if you could {act} {tail}.
            ~we would appreciate it if you would {act} {tail}.
            I would be [most|very|] grateful if you could {act} {tail}.
            it would be [much|greatly] appreciated if you could {act} {tail}.
            I would be [much obliged|obliged] if you could {act} {tail}.
            we would be grateful if you could {act} {tail}.
            your help would be appreciated: please {act} {tail}.""",
    ),
    "obligation": Frame(
        agent="you",
        weight=2.0,
        adjuncts="tpcr",
        informal="""~you really gotta {act} {tail}.
            ~you guys need to {act} {tail}.
            ~you've gotta {act} {tail}.
            ~you should {act} {tail}.
            ~you ought to {act} {tail}.
            you've got to {act} {tail}.
            you have to {act} {tail}.
            you need to {act} {tail}.
            you gotta {act} {tail}.
            you'd better {act} {tail}.""",
        formal="""~you must {act} {tail}.
            ~it is imperative that you {act} {tail}.
            ~it is important that you {act} {tail}.
            ~you are asked to {act} {tail}.
            ~I would advise you to {act} {tail}.
            you are required to {act} {tail}.
            it is necessary for you to {act} {tail}.
            you are obliged to {act} {tail}.
            it is essential that you {act} {tail}.
            it would be advisable for you to {act} {tail}.""",
    ),
    "reminder": Frame(
        agent="you",
        weight=2.5,
        adjuncts="2tpcs",
        marks="-mood",
        informal="""~just a heads-up to {act} {tail}.
            ~don't forget you need to {act} {tail}.
            ~be sure to {act} {tail}.
            ~you won't forget to {act}, will you?
            ~oh, and {act} {tail}.
            don't forget to {act} {tail}[!|.]
            remember to {act} {tail}[!|.]
            make sure you {act} {tail}.
            mind you {act} {tail}.
            don't you forget to {act} {tail}.""",
        formal="""~please be sure to {act} {tail}.
            ~I should like to remind you to {act} {tail}.
            ~please be reminded to {act} {tail}.
            ~do please remember to {act} {tail}.
            please remember to {act} {tail}.
            please do not forget to {act} {tail}.
            please [ensure|make sure] that you {act} {tail}.
            may I remind you to {act} {tail}?
            I would like to remind you to {act} {tail}.
            kindly remember to {act} {tail}.""",
    ),
    "hurry up and": Frame(
        agent="you",
        weight=1.2,
        adjuncts="r",
        marks="-mood",
        informal="""~chop-chop, {act} {tail}!
            ~{act} and make it quick!
            ~come on, {act}, quick!
            hurry up and {act} {tail}[!|.]
            quick, {act} {tail}!
            get a move on and {act} {tail}.
            come on, hurry up and {act} {tail}.""",
        formal="""~please {act} as soon as possible {tail}.
            ~please {act} promptly {tail}.
            ~I must ask you to {act} without delay {tail}.
            please {act} without delay {tail}.
            please {act} as quickly as possible {tail}.
            could you please {act} without delay {tail}?
            I would be grateful if you could {act} as quickly as possible {tail}.
            kindly {act} without delay {tail}.""",
    ),
    "try": Frame(
        agent="you",
        weight=1.2,
        adjuncts="tpc",
        marks="-mood",
        informal="""try [to|and] {act} {tail}.
            just try [to|and] {act} {tail}.
            see if you can {act} {tail}.""",
        formal="""please try to {act} {tail}.
            please endeavour to {act} {tail}.
            please attempt to {act} {tail}.
            could you please try to {act} {tail}?
            I would ask you to try to {act} {tail}.""",
    ),
    "encouragement": Frame(
        agent="you",
        weight=1.2,
        adjuncts="tpc",
        marks="-mood",
        informal="""~don't be shy, {act} {tail}.
            ~no need to ask, just {act} {tail}.
            feel free to {act} {tail}.
            go ahead and {act} {tail}.
            just go ahead and {act} {tail}.
            you can {act} {tail} if you [want|like].""",
        formal="""please feel free to {act} {tail}.
            please do not hesitate to {act} {tail}.
            you may of course {act} {tail}.
            by all means, {act} {tail}.
            you are [most|very|] welcome to {act} {tail}.""",
    ),
    "relay": Frame(
        agent="they",
        weight=1.5,
        adjuncts="tp",
        informal="""~go tell {who} to {act} {tail}.
            ~will you tell {who} to {act} {tail}?
            ~have {who} {act} {tail}.
            tell {who} to {act} {tail}.
            get {who} to {act} {tail}.
            can you tell {who} to {act} {tail}?
            can you get {who} to {act} {tail}?""",
        formal="""~please tell {who} to {act} {tail}.
            ~would you please ask {who} to {act} {tail}?
            ~I would be grateful if you could ask {who} to {act} {tail}.
            please ask {who} to {act} {tail}.
            could you please ask {who} to {act} {tail}?
            kindly instruct {who} to {act} {tail}.
            would you be so kind as to ask {who} to {act} {tail}?
            would you mind asking {who} to {act} {tail}?""",
    ),
}
