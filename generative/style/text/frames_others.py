"""Frames of what is forbidden, and of what I do, or we."""

from typing import Final

from etude.generative.style.text.frame import Frame

OTHERS: Final = {
    "prohibition": Frame(
        agent="you",
        weight=3.0,
        adjuncts="tpr",
        marks="-fine",
        informal="""~dont {act} {tail}!
            ~never {act} {tail}.
            ~you're not supposed to {act} {tail}.
            ~whatever you do, don't {act} {tail}.
            ~[oi|no], don't {act} {tail}!
            ~try not to {act} {tail}.
            ~better not {act} {tail}.
            ~hey, don't {act} {tail}!
            ~don't go and {act} {tail}.
            don't {act} {tail}[!|.]
            don't you dare {act} {tail}[!|.]
            you can't {act} {tail}.
            just don't {act} {tail}, okay?
            you mustn't {act} {tail}.""",
        formal="""~kindly do not {act} {tail}.
            ~we would ask you not to {act} {tail}.
            ~I would be grateful if you did not {act} {tail}.
            ~you must not {act} {tail}.
            ~please avoid {acting} {tail}.
            ~we kindly ask that you do not {act} {tail}.
            ~[guests|passengers|visitors] are requested not to {act} {tail}.
            ~you are asked not to {act} {tail}.
            ~please be careful not to {act} {tail}.
            ~I would appreciate it if you did not {act} {tail}.
            please do not {act} {tail}.
            please refrain from {acting} {tail}.
            I must ask you not to {act} {tail}.
            kindly refrain from {acting} {tail}.
            you are kindly requested not to {act} {tail}.
            would you mind not {acting} {tail}?
            you are not permitted to {act} {tail}.""",
    ),
    "ban": Frame(
        agent="you",
        weight=1.2,
        adjuncts="pr",
        marks="bad at",
        informal="""no {acting} {tail}[!|.]
            hey, no {acting} {tail}[!|.]
            there's no {acting} {tail}.
            no {acting}, okay?""",
        formal="""{acting} is not permitted {tail}.
            {acting} is not allowed {tail}.
            please note that {acting} is not permitted {tail}.
            {acting} is prohibited {tail}.""",
    ),
    "stop": Frame(
        agent="you",
        weight=1.5,
        adjuncts="r",
        marks="-once -fine",
        informal="""~would you stop {acting} {tail}?
            ~oi, stop {acting} {tail}!
            ~stop {acting} already!
            ~enough {acting}!
            ~pack in {acting}!
            stop {acting} {tail}[!|.]
            quit {acting} {tail}[!|.]
            can you stop {acting} {tail}?
            will you stop {acting} {tail}?
            just stop {acting} {tail}.""",
        formal="""~I would ask you to stop {acting} {tail}.
            ~kindly stop {acting} {tail}.
            ~may I ask you to stop {acting} {tail}?
            ~kindly cease {acting} {tail}.
            ~I would appreciate it if you would stop {acting} {tail}.
            please stop {acting} {tail}.
            could you please stop {acting} {tail}?
            I must ask you to stop {acting} {tail}.
            I would be grateful if you could stop {acting} {tail}.
            please cease {acting} {tail}.
            would you kindly stop {acting} {tail}?""",
    ),
    "permission": Frame(
        agent="I",
        weight=3.0,
        adjuncts="2tpcr",
        informal="""~can I maybe {act} {tail}?
            ~could I just {act} {tail}?
            ~cool if I {act} {tail}?
            ~can i {act} {tail}?
            ~any chance I can {act} {tail}?
            ~could I {act} {tail}?
            ~do you mind if I {act} {tail}?
            ~can i just {act} real quick?
            ~I'll {act} if that's ok.
            ~am I okay to {act} {tail}?
            can I {act} {tail}?
            can I just {act} {tail}?
            [okay|all right|ok] if I {act} {tail}?
            mind if I {act} {tail}?
            is it [okay|cool|all right] if I {act} {tail}?
            let me {act} {tail}, will you?
            ~lemme {act} {tail}.""",
        formal="""~might I be permitted to {act} {tail}?
            ~may I ask to {act} {tail}?
            ~would you mind if I [were to|] {act} {tail}?
            ~would it be permissible for me to {act} {tail}?
            ~may I be permitted to {act} {tail}?
            ~would I be permitted to {act} {tail}?
            ~I would like to {act}, if I may.
            ~could I please {act} {tail}?
            ~I was wondering whether I might {act} {tail}.
            ~I would like to ask permission to {act} {tail}.
            may I {act} {tail}?
            may I please {act} {tail}?
            might I {act} {tail}?
            would it be possible for me to {act} {tail}?
            would you allow me to {act} {tail}?
            could I possibly {act} {tail}?
            would it be acceptable for me to {act} {tail}?""",
    ),
    "own need": Frame(
        agent="I",
        weight=1.5,
        adjuncts="tp",
        informal="""~I'm gonna need to {act} {tail}.
            ~I'd love to {act} {tail}.
            ~gotta {act} {tail}.
            I need to {act} {tail}.
            I wanna {act} {tail}.
            I want to {act} {tail}.
            I've got to {act} {tail}.
            I gotta {act} {tail}.""",
        formal="""~I would very much like to {act} {tail}.
            ~I am hoping to {act} {tail}.
            ~I would like to be able to {act} {tail}.
            I would like to {act} {tail}.
            I should like to {act} {tail}.
            I am required to {act} {tail}.
            I wish to {act} {tail}.
            it is necessary for me to {act} {tail}.""",
    ),
    "offer to": Frame(
        agent="I",
        weight=1.5,
        adjuncts="tpc",
        marks="-me",
        informal="""~I'll {act} if you like.
            ~you want me to {act} {tail}?
            ~lemme {act} for you.
            ~should I {act} {tail}?
            want me to {act} {tail}?
            do you want me to {act} {tail}?
            need me to {act} {tail}?
            I can {act} {tail} if you want.""",
        formal="""~may I {act} for you?
            ~allow me to {act} {tail}.
            ~please allow me to {act} {tail}.
            ~it would be my pleasure to {act} {tail}.
            ~permit me to {act} {tail}.
            ~please permit me to {act} {tail}.
            ~might I offer to {act} {tail}?
            would you like me to {act} {tail}?
            shall I {act} {tail}?
            I would be [happy|pleased|glad] to {act} {tail}.
            may I offer to {act} {tail}?
            do you wish me to {act} {tail}?""",
    ),
    "suggestion": Frame(
        agent="we",
        weight=2.5,
        adjuncts="2tpcr",
        informal="""~shouldn't we {act} {tail}?
            ~c'mon, let's {act} {tail}!
            ~let's go and {act} {tail}.
            ~we should {act} {tail}.
            ~what if we {act} {tail}?
            ~maybe we can {act} {tail}?
            let's {act} {tail}[!|.]
            let's just {act} {tail}.
            why don't we {act} {tail}?
            how about we {act} {tail}?
            [how|what] about {acting} {tail}?
            we could {act} {tail}.
            fancy {acting} {tail}?""",
        formal="""~would you like us to {act} {tail}?
            ~perhaps we might {act} {tail}.
            ~it might be advisable for us to {act} {tail}.
            ~might I suggest that we {act} {tail}?
            ~would it be possible to {act} {tail}?
            ~might I suggest {acting} {tail}?
            ~would it be agreeable to you if we were to {act} {tail}?
            ~we could perhaps {act} {tail}.
            shall we {act} {tail}?
            may I suggest that we {act} {tail}?
            I suggest that we {act} {tail}.
            perhaps we could {act} {tail}.
            I would like to suggest that we {act} {tail}.
            I propose that we {act} {tail}.
            might I propose that we {act} {tail}?""",
    ),
    "how": Frame(
        agent="I",
        weight=1.5,
        adjuncts="p",
        marks="object -bad",
        informal="""~what's the trick to {act} {tail}?
            ~how am I supposed to {act} {tail}?
            ~can you show me how to {act} {tail}?
            ~how on earth do I {act} {tail}?
            how do I {act} {tail}?
            how can I {act} {tail}?
            any idea how to {act} {tail}?
            how do you {act} {tail}?
            show me how to {act} {tail}.""",
        formal="""~would you be so kind as to show me how to {act} {tail}?
            ~I would appreciate it if you could explain how to {act} {tail}.
            ~might I ask how to {act} {tail}?
            could you please explain how to {act} {tail}?
            could you tell me how to {act} {tail}, please?
            could you please show me how to {act} {tail}?
            may I ask how to {act} {tail}?
            I would like to know how to {act} {tail}.""",
    ),
    "refusal": Frame(
        agent="I",
        weight=1.5,
        adjuncts="tpr",
        informal="""~nah, can't {act} {tail}.
            ~I won't be able to {act} {tail}, sorry.
            ~no can do, I can't {act} {tail}.
            ~I can't {act} {tail}.
            sorry, I can't {act} {tail}.
            I can't {act} {tail}, sorry.
            sorry, can't {act} {tail}.
            no way I can {act} {tail}.""",
        formal="""~I regret to inform you that I am unable to {act} {tail}.
            ~please accept my apologies, but I cannot {act} {tail}.
            ~it is with regret that I am unable to {act} {tail}.
            ~regrettably, I cannot {act} {tail}.
            I regret that I am unable to {act} {tail}.
            unfortunately, I am unable to {act} {tail}.
            I am afraid that I cannot {act} {tail}.
            I apologise, but I am unable to {act} {tail}.
            I am sorry to say that I cannot {act} {tail}.""",
    ),
    "thanks for": Frame(
        agent="you",
        weight=1.5,
        adjuncts="ps",
        marks="-bad -mood",
        informal="""~big thanks for {acting} {tail}!
            ~thx for {acting} {tail}!
            ~you're a star for {acting} {tail}!
            thanks for {acting} {tail}[!|.]
            thanks [a lot|so much|a bunch] for {acting} {tail}[!|.]
            cheers for {acting} {tail}[!|.]""",
        formal="""~I very much appreciate your {acting} {tail}.
            ~we are grateful to you for {acting} {tail}.
            ~many thanks for {acting} {tail}.
            ~I wish to thank you for {acting} {tail}.
            thank you [very much|] for {acting} {tail}.
            I am [most|very|] grateful to you for {acting} {tail}.
            I would like to thank you for {acting} {tail}.
            please accept my thanks for {acting} {tail}.""",
    ),
}
