"""Who lives in the demo: creators with their clips, and those who only watch.

A table of facts, as long as it must be.  Nobody here exists.
"""

from dataclasses import dataclass, field

from solstice.demo.clips import ClipOrder


@dataclass(frozen=True, kw_only=True)
class Post:
    """One clip somebody publishes, and what is said under it."""

    order: ClipOrder
    caption: str
    remarks: tuple[str, ...] = ()
    """What fits this clip only; anybody else says one of `solstice.demo.words`."""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody with a name, a face and, perhaps, clips."""

    name: str
    display_name: str
    bio: str
    colours: tuple[str, str, str]
    """Sky above, sky below, and the face before it."""
    ears: str = "round"
    posts: tuple[Post, ...] = field(default=())


def post(scene: str, caption: str, *remarks: str, seed: int = 0) -> Post:
    """Write one row of the table below."""
    return Post(order=ClipOrder(scene=scene, seed=seed), caption=caption, remarks=remarks)


CREATORS = (
    Persona(
        name="lowsun",
        display_name="Low Sun Studio",
        bio="Chasing the shortest day of the year. Sun, sea, repeat.",
        colours=("#ff9e6d", "#5b3a7e", "#ffe3a8"),
        posts=(
            post(
                "sunrise",
                "Half past four, and worth it. Sound on. #sunrise #sea #calm",
                "the light path on the water, wow",
                "I can hear the gulls that are not there",
                "where is this? asking for my next holiday",
            ),
            post(
                "good_morning",
                "Three words for everybody who is still in bed #morning #lettering",
                "good morning YOU",
                "the little face got me",
                seed=0,
            ),
            post(
                "sunrise",
                "Same line, colder day #sunrise #winter #sea",
                "I prefer this one, so quiet",
                "blue hour person here, thank you",
                seed=1,
            ),
        ),
    ),
    Persona(
        name="nordlys",
        display_name="Ingrid · nordlys",
        bio="Up north, up late. Tripod, thermos, patience.",
        colours=("#0d3350", "#2be38b", "#e8fff4"),
        ears="pointed",
        posts=(
            post(
                "aurora",
                "Minus 24, no wind, then this #aurora #nightsky #north",
                "it moves like a curtain in a slow draught",
                "seeing this once is on my list",
                "how long did you wait?",
            ),
            post(
                "star_trails",
                "Two hours in eight seconds. The still one is Polaris #stars #timelapse",
                "so THAT is why it is called the pole star",
                "the earth turns, and I forget it daily",
            ),
            post(
                "meteors",
                "Perseids from the hut. I counted 41 before I fell asleep #meteors #stars #summer",
                "made a wish, not telling",
                "the crickets make it",
            ),
        ),
    ),
    Persona(
        name="papercut_pia",
        display_name="Pia cuts paper",
        bio="Layers, scissors, glue on everything. Commissions closed until spring.",
        colours=("#fbe3c4", "#c97f8e", "#fff8ee"),
        ears="long",
        posts=(
            post(
                "mountains",
                "Five sheets of paper and a lamp #papercut #mountains #parallax",
                "the near trees go by so fast, perfect",
                "please sell this as a night light",
                "is the mist also paper??",
            ),
            post(
                "night_train",
                "The last train home #papercut #train #night",
                "this is the sound I fall asleep to",
                "who else counted the windows",
            ),
            post(
                "balloons",
                "Up before the wind #balloons #morning #papercut",
                "purple one is mine",
                "my kids watched this eleven times",
            ),
        ),
    ),
    Persona(
        name="theodd",
        display_name="Theo Odd",
        bio="Equations, but make them pretty. Teaches maths on weekdays.",
        colours=("#141433", "#4dabf7", "#ffd93d"),
        ears="antenna",
        posts=(
            post(
                "harmonograph",
                "Two sines walk into a bar: 5 against 6 #maths #harmonograph #loop",
                "showing this to my students tomorrow",
                "so it is just sin(5t) and sin(6t)? JUST?",
            ),
            post(
                "sunflower",
                "One angle, 137.5 degrees, and you get a flower #maths #goldenangle",
                "nature did it first",
                "watch what happens when the angle is off by a hair",
            ),
            post(
                "julia",
                "z squared plus c, with c on a walk #fractal #maths",
                "zoomed in, got lost, send help",
                "my computer took an hour for one of these in 1994",
            ),
        ),
    ),
    Persona(
        name="noodle.club",
        display_name="Noodle Club",
        bio="Soup is a love language. Recipes on request.",
        colours=("#d1495b", "#2f4858", "#fdf6e7"),
        posts=(
            post(
                "ramen",
                "Egg: 6 minutes 30. Not 6, not 7. #ramen #cooking #comfortfood",
                "6:45 gang",
                "I am having cereal and feel judged",
                "recipe for the broth please!",
            ),
            post(
                "pancakes",
                "Flip it like nobody is watching #pancakes #breakfast #cooking",
                "it SMILES at the top",
                "the stack keeps growing and so do I",
            ),
            post(
                "ramen",
                "Miso Monday #ramen #cooking",
                "second bowl, no regrets",
                seed=2,
            ),
        ),
    ),
    Persona(
        name="mau.and.co",
        display_name="Mau & Co.",
        bio="Two cats, one radiator. We only answer to purring.",
        colours=("#d9a679", "#8fa998", "#e58b3a"),
        ears="pointed",
        posts=(
            post(
                "window_cat",
                "Rain outside, radiator on. Turn it up for the purr #cat #rain #cosy",
                "the tail. THE TAIL.",
                "I have been here for twenty minutes",
                "z z z",
            ),
            post(
                "yarn_cat",
                "The scarf will be late #cat #kitten #wool",
                "those eyes at the blink, help",
                "mine prefers the printer",
            ),
        ),
    ),
    Persona(
        name="drizzle",
        display_name="Drizzle FM",
        bio="City sounds for people who should be asleep.",
        colours=("#1f2a5e", "#f72585", "#4cc9f0"),
        ears="antenna",
        posts=(
            post(
                "rain_on_glass",
                "Window seat, line 9, 23:40 #rain #city #lofi",
                "homework mode: on",
                "the drops bend the lights, who notices such things. you do",
                "ten hour version when",
            ),
            post(
                "skyline",
                "Somebody is always awake #city #night #skyline",
                "third window from the left is me",
                "this beat though",
            ),
            post(
                "highway",
                "Out of town before the sun is gone #drive #sunset #night",
                "smells like petrol and summer",
                "the sun never sets here, I checked",
            ),
        ),
    ),
    Persona(
        name="bounce.lab",
        display_name="The Bounce Lab",
        bio="Physics toys that play their own soundtrack.",
        colours=("#ffe9d2", "#ffca3a", "#1982c4"),
        posts=(
            post(
                "bouncing",
                "Every bounce is a note. Wait for them to meet #physics #music #loop",
                "the moment they all land together!!",
                "5 6 7 8 9 10 11, got it",
                "put this on in class, total silence",
            ),
            post(
                "pendulums",
                "Fifteen pendulums, six to twenty swings #physics #pendulum #satisfying",
                "chaos, snake, chaos, wall, chaos, together",
                "headphones recommended",
            ),
            post(
                "double_pendulum",
                "Two arms, no pattern, ever #physics #chaos",
                "looks like handwriting",
            ),
        ),
    ),
    Persona(
        name="turing.spots",
        display_name="Turing's Spots",
        bio="Simple rules, grown on a laptop. No pufferfish was harmed.",
        colours=("#071e3d", "#21a0a0", "#ff7f50"),
        ears="antenna",
        posts=(
            post(
                "coral",
                "Two chemicals, one eats the other #simulation #patterns #turing",
                "giraffe? brain? both",
                "so this is how a zebra happens",
            ),
            post(
                "colonies",
                "Conway's Life, coloured by how long ago #gameoflife #simulation",
                "there goes a glider!",
                "rest in peace, professor",
            ),
            post(
                "flow",
                "2,600 brushes, one wind #generative #flowfield",
                "looks like feathers",
                "would hang this on a wall",
            ),
        ),
    ),
    Persona(
        name="slowglass",
        display_name="slow glass",
        bio="Breathe. Then scroll on, if you must.",
        colours=("#1b5560", "#7bdff2", "#f7d6e0"),
        posts=(
            post(
                "breathe",
                "One breath together #breathe #calm #meditation",
                "needed this today",
                "did it three times, shoulders are down",
                "who else held it until the loop",
            ),
            post(
                "marble",
                "Ink on water #marbling #calm #loop",
                "hypnotised",
                "orange and teal, always works",
            ),
            post("lava_lamp", "Bought in 1971, still warm #lavalamp #calm", "blob blob blob"),
            post("soap", "A soap film, thinner than light is long #soap #physics #colour"),
        ),
    ),
    Persona(
        name="mirrorbox",
        display_name="Mirror Box",
        bio="I put things between mirrors.",
        colours=("#3a0ca3", "#f72585", "#f9f871"),
        ears="long",
        posts=(
            post(
                "kaleidoscope",
                "Coloured glass, five mirrors #kaleidoscope #loop #colour",
                "found a face in it at second 3",
                "childhood unlocked",
            ),
            post(
                "jellyfish",
                "Not mirrors, but they glow #jellyfish #sea #night",
                "they have no brain and still look more relaxed than me",
                "the purple one is the boss",
            ),
            post("koi", "From the bridge, with pocket money #koi #pond #calm", "the shadows!!"),
        ),
    ),
    Persona(
        name="moss.and.fern",
        display_name="Moss & Fern",
        bio="Small things that grow, blink or fall.",
        colours=("#e3ebd3", "#2d7a4f", "#8bc66b"),
        ears="long",
        posts=(
            post(
                "fireflies",
                "End of June, behind the barn #fireflies #summer #night",
                "have not seen them since I was ten",
                "the crickets are the lead singers",
            ),
            post(
                "ferns",
                "Four lines of arithmetic and patience #fern #botany #generative",
                "it unrolls!",
                "looks alive",
            ),
            post(
                "snow_cabin",
                "First snow, stove on #snow #winter #cosy",
                "somebody is making tea in there",
                "I would like to live in the left window",
            ),
            post("moon_lake", "The lake had no wind all night #moon #lake #calm", "so still"),
        ),
    ),
)

AUDIENCE = tuple(
    Persona(name=name, display_name=display_name, bio=bio, colours=colours, ears=ears)
    for name, display_name, bio, colours, ears in (
        ("aldo_r", "Aldo", "Mostly here for the cats.", ("#bfe0dc", "#3f88c5", "#fff1df"), "round"),
        ("bea.k", "Bea K.", "", ("#f4a3a8", "#7b2d8b", "#ffe0c2"), "pointed"),
        (
            "c_oyelaran",
            "Chidi",
            "Trumpet, trains, tomatoes.",
            ("#ffd166", "#ef476f", "#8a5a3c"),
            "round",
        ),
        ("dunja", "Dunja", "scrolling between shifts", ("#9cc9c7", "#245f63", "#f3d9c0"), "long"),
        ("emre34", "Emre", "", ("#c77dff", "#3a0ca3", "#f2c9a1"), "antenna"),
        (
            "fern.ando",
            "Fernando",
            "Plants. Puns. Plants.",
            ("#d2ebe5", "#2d6a4f", "#c68a5c"),
            "round",
        ),
        (
            "gwen.reads",
            "Gwen",
            "Librarian, loud laugh.",
            ("#ffe5b4", "#c8553d", "#f7e3cf"),
            "pointed",
        ),
        ("hana_m", "Hana", "", ("#f7d6e0", "#5b3a6e", "#f3dcc2"), "long"),
        ("ivo", "Ivo", "I comment too much.", ("#dce9f5", "#1982c4", "#e5b98d"), "round"),
        (
            "june.b",
            "June",
            "mother of two, owner of none",
            ("#fdffb6", "#f2a65a", "#7a4f33"),
            "pointed",
        ),
        ("kasimir", "Kasimir", "", ("#e8e3f5", "#6a4c93", "#f0cfb0"), "antenna"),
        ("lupe.v", "Lupe", "Cooks what she sees here.", ("#ffcfd2", "#d1495b", "#b97a50"), "round"),
    )
)
