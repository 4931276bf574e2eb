"""Frames that have a thing and no verb of their own: where is it, may I have it, mind it."""

from typing import Final

from etude.generative.style.text.frame import Frame

THINGS: Final = {
    "what": Frame(
        classes="asked",
        weight=2.0,
        informal="""~do you know what {o} {is}?
            ~got any idea what {o} {is}?
            ~what'd you say {o} was?
            {whats} {o}?
            {whats} {o} again?
            tell me {o}[, will you?|.]
            can you tell me {o}?
            any idea what {o} {is}?
            ~so {whats} {o}?""",
        formal="""~might I ask what {o} {is}?
            ~would you happen to know what {o} {is}?
            ~could you kindly tell me {o}?
            ~would you be able to tell me what {o} {is}?
            ~may I enquire what {o} {is}?
            ~I should be grateful if you could tell me {o}.
            could you please tell me what {o} {is}?
            could you tell me {o}, please?
            may I ask what {o} {is}?
            would you be so kind as to tell me {o}?
            I would like to know what {o} {is}.
            would you mind telling me what {o} {is}?""",
    ),
    "where": Frame(
        classes="findable findable people mine",
        weight=2.5,
        informal="""~where on earth {is} {o}?
            ~so where {is} {o}?
            ~you know where I can find {o}?
            ~tell me where {o} {is}.
            {wheres} {o}?
            [any idea|do you know|you know] where {o} {is}?
            where {is} {o} again?
            can you tell me where {o} {is}?
            where can I find {o}?""",
        formal="""~might I ask where {o} {is}?
            ~may I enquire where {o} {is}?
            ~could you please show me where {o} {is}?
            ~would you be able to tell me where {o} {is}?
            ~would you mind telling me where {o} {is}?
            ~may I ask where I might find {o}?
            ~could you please show me the way to {o}?
            could you please tell me where {o} {is}?
            could you tell me where {o} {is}, please?
            may I ask where {o} {is}?
            excuse me, would you know where {o} {is}?
            would you happen to know where {o} {is}?
            could you please direct me to {o}?
            I would like to know where {o} {is}.""",
    ),
    "when": Frame(
        classes="event",
        weight=1.5,
        informal="""~when {does} {o} kick off?
            ~what time {does} {o} start?
            {whens} {o}?
            when {does} {o} start?
            what time {is} {o}?
            what time {does} {o} kick off?
            any idea when {o} {is}?""",
        formal="""~might I ask when {o} {begins}?
            ~would you be able to tell me when {o} {begins}?
            ~may I enquire when {o} {is}?
            could you please tell me when {o} {begins}?
            could you tell me when {o} {is}, please?
            may I ask when {o} {begins}?
            may I ask at what time {o} {is}?
            I would like to know when {o} {takes} place.""",
    ),
    "when opens": Frame(
        classes="shop",
        weight=0.7,
        informal="""when {does} {o} open?
            what time {does} {o} open?
            any idea when {o} {opens}?""",
        formal="""could you please tell me when {o} {opens}?
            could you tell me when {o} {opens}, please?
            may I ask when {o} {opens}?
            I would like to know when {o} {opens}.""",
    ),
    "when closes": Frame(
        classes="shop",
        weight=0.7,
        informal="""when {does} {o} [close|shut]?
            what time {does} {o} [close|shut]?
            any idea when {o} [{closes}|{shuts}]?""",
        formal="""could you please tell me when {o} {closes}?
            could you tell me when {o} {closes}, please?
            may I ask when {o} {closes}?
            I would like to know when {o} {closes}.""",
    ),
    "when leaves": Frame(
        classes="transport",
        weight=0.7,
        informal="""when {does} {o} [leave|go]?
            what time {does} {o} [leave|go]?
            any idea when {o} {leaves}?""",
        formal="""could you please tell me when {o} {departs}?
            could you tell me when {o} {leaves}, please?
            may I ask when {o} {departs}?
            I would like to know at what time {o} {departs}.""",
    ),
    "order": Frame(
        classes="wanted",
        weight=2.5,
        adjuncts="r",
        informal="""~could I get {o}?
            ~I'll take {o}.
            ~{o} please!
            ~got to have {o}.
            ~any chance of {o}?
            ~can you get me {o}?
            ~can I grab {o}?
            ~just {o} for me.
            I need {o} {tail}.
            I want {o} {tail}.
            can I get {o} {tail}?
            can I get {o}, please?
            can I have {o} {tail}?
            gimme {o}.
            give me {o} {tail}.
            I'll have {o}.
            I'd like {o} {tail}.""",
        formal="""~I would be grateful for {o} {tail}.
            ~I wish to request {o} {tail}.
            ~might I trouble you for {o}?
            ~may I trouble you for {o}?
            ~could you please bring me {o} {tail}?
            ~I would appreciate {o} {tail}.
            I would like {o} {tail}, please.
            I would like {o} {tail}.
            may I have {o}, please?
            could I please have {o} {tail}?
            I should like {o} {tail}.
            might I have {o} {tail}?
            would it be possible to have {o} {tail}?
            I require {o} {tail}.""",
    ),
    "offer": Frame(
        classes="treat",
        weight=2.0,
        informal="""~wanna have {o}?
            ~{o}, anyone?
            ~have {o}!
            ~need {o}?
            ~can I get you {o}?
            ~you up for {o}?
            want {o}?
            fancy {o}?
            do you want {o}?
            {o}?
            {bare}?
            how about {o}?
            you want {o}?
            could you go for {o}?""",
        formal="""~may I bring you {o}?
            ~please allow me to offer you {o}.
            ~might you care for {o}?
            ~could I offer you {o}?
            would you care for {o}?
            would you like {o}?
            may I offer you {o}?
            might I offer you {o}?
            could I interest you in {o}?""",
    ),
    "availability": Frame(
        classes="stock",
        weight=1.5,
        informal="""~have you guys got {o}?
            ~do you have {o}?
            ~do you still have {o}?
            got {o}?
            have you got {o}?
            you got {o}?
            do you guys have {o}?
            {is_there} {o} left?
            got {o} left?""",
        formal="""~might I ask whether you have {o}?
            ~would you be able to tell me whether you have {o}?
            ~I wonder whether you have {o}.
            ~do you by any chance have {o}?
            would you happen to have {o}?
            might you have {o}?
            may I ask whether you have {o}?
            would you have {o} available?
            could you please tell me whether you have {o}?""",
    ),
    "free": Frame(
        weight=1.0,
        adjuncts="T",
        informal="""~you doing anything {time}?
            ~got plans {time}?
            ~any chance you're free {time}?
            [are you|you] [free|around] {time}?
            you got time {time}?
            got time {time}?
            can you do {time}?
            are you up to anything {time}?""",
        formal="""~would you by any chance be available {time}?
            ~may I enquire whether you are available {time}?
            ~I would like to know whether you are available {time}.
            would you be available {time}?
            may I ask whether you are available {time}?
            might you be available {time}?
            may I ask if you are free {time}?
            could you please tell me whether you are available {time}?""",
    ),
    "attending": Frame(
        classes="event",
        weight=1.0,
        adjuncts="t",
        informal="""~you in for {o} {time}?
            ~will you be there for {o} {time}?
            ~see you at {o} {time}?
            [are you|you] coming to {o} {time}?
            can you make it to {o} {time}?
            you gonna be at {o} {time}?
            are you going to {o} {time}?""",
        formal="""~I would like to know whether you will be attending {o} {time}.
            ~may I ask if you are able to attend {o} {time}?
            will you be attending {o} {time}?
            will you be able to attend {o} {time}?
            may I ask whether you will be attending {o} {time}?
            may we expect you at {o} {time}?
            would you be able to attend {o} {time}?""",
    ),
    "watch out": Frame(
        classes="danger",
        weight=1.5,
        informal="""watch out for {o}[!|.]
            mind {o}[!|.]
            look out for {o}!
            watch {o}!""",
        formal="""please beware of {o}.
            please mind {o}.
            please be aware of {o}.
            please watch out for {o}.
            kindly be mindful of {o}.""",
    ),
    "careful": Frame(
        classes="fragile",
        weight=1.2,
        adjuncts="r",
        informal="""~mind you don't drop {o}!
            ~watch it with {o}!
            careful with {o} {tail}[!|.]
            be careful with {o} {tail}.
            go easy on {o} {tail}.
            easy with {o}!""",
        formal="""~please exercise caution with {o} {tail}.
            ~please treat {o} with care {tail}.
            please take care with {o} {tail}.
            please handle {o} with care {tail}.
            please be careful with {o} {tail}.
            I would ask you to handle {o} with care {tail}.
            could you please be careful with {o} {tail}?""",
    ),
    "apology": Frame(
        classes="apology",
        weight=1.2,
        informal="""~soz about {o}.
            ~sorry 'bout {o}!
            sorry about {o}[!|.]
            sorry for {o}[!|.]
            [so|really] sorry about {o}[!|.]
            my bad about {o}.""",
        formal="""~please forgive {o}.
            ~I would like to apologise for {o}.
            ~please excuse {o}.
            I apologise for {o}.
            please accept my apologies for {o}.
            I [do apologise|must apologise] for {o}.
            we apologise for {o}.
            I am very sorry for {o}.""",
    ),
    "wish": Frame(
        classes="wish",
        weight=0.8,
        informal="""~hope your {o} goes well!
            ~have yourself a great {o}!
            have a [good|great|nice|lovely|fab] {o}[!|.]
            hope you have a [good|great|nice] {o}[!|.]
            enjoy your {o}!""",
        formal="""~allow me to wish you a pleasant {o}.
            ~I should like to wish you a pleasant {o}.
            I wish you a [pleasant|very pleasant|good] {o}.
            I hope that you have a [pleasant|good] {o}.
            may I wish you a pleasant {o}?
            we wish you a [pleasant|good] {o}.""",
    ),
}
