"""How names are read: toneless pinyin of persons and places, with surnames and polyphones."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, product

MOST_READINGS = 4  # of one name; rarer combinations are found by their characters

Reading = tuple[str, ...]
"""One syllable a character; what is not Chinese stands for itself."""

# As a surname these are read differently than elsewhere.
SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "盖": "ge", "朴": "piao",
    "繁": "po", "种": "chong", "员": "yun", "尉": "yu", "么": "yao", "洗": "xian", "隗": "wei",
    "黑": "he", "折": "she", "召": "shao", "祭": "zhai", "秘": "bi", "佴": "nai", "卜": "bu",
    "句": "gou", "郇": "xun", "长": "zhang", "藏": "zang",
}  # fmt: skip
LONG_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"),
    "令狐": ("ling", "hu"), "澹台": ("tan", "tai"), "宰父": ("zai", "fu"), "单于": ("chan", "yu"),
    "尉犁": ("yu", "li"), "夏侯": ("xia", "hou"), "鲜于": ("xian", "yu"),
} | dict.fromkeys(
    ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "慕容", "宇文", "司徒", "轩辕", "端木",
     "公孙", "独孤", "南宫", "西门", "司空", "百里", "呼延", "闻人", "赫连", "申屠", "钟离",
     "太史", "濮阳", "淳于", "公冶", "太叔", "拓跋", "闾丘", "左丘", "东郭", "第五", "梁丘"),
    (),
)  # fmt: skip
# Second readings that live on in names; the first is the library's.
ALSO = {
    "乐": "yue le", "行": "xing hang", "长": "chang zhang", "重": "chong zhong",
    "朝": "chao zhao", "曾": "zeng ceng", "单": "dan shan", "解": "jie xie", "仇": "chou qiu",
    "盛": "sheng cheng", "茜": "qian xi", "柏": "bai bo", "朴": "pu piao", "翟": "zhai di",
    "藏": "cang zang", "薄": "bo bao", "奇": "qi ji", "参": "can shen", "车": "che ju",
    "沈": "shen chen", "宿": "su xiu", "省": "sheng xing", "识": "shi zhi", "调": "tiao diao",
    "都": "du dou", "会": "hui kuai", "见": "jian xian", "校": "xiao jiao", "觉": "jue jiao",
    "率": "shuai lv", "秘": "mi bi", "泊": "bo po", "区": "qu ou", "塞": "sai se",
    "厦": "xia sha", "说": "shuo yue", "遗": "yi wei", "殷": "yin yan", "员": "yuan yun",
    "折": "zhe she", "种": "zhong chong", "属": "shu zhu", "琢": "zhuo zuo", "筠": "jun yun",
    "荨": "qian xun", "莘": "shen xin", "晟": "sheng cheng", "蕃": "fan bo", "澄": "cheng deng",
    "洗": "xi xian", "娜": "na nuo", "阿": "a e", "那": "na nuo", "俞": "yu shu", "尉": "wei yu",
    "盖": "gai ge", "查": "cha zha", "缪": "miao mou", "覃": "qin tan", "繁": "fan po",
    "宓": "mi fu", "牟": "mou mu", "谌": "chen shen", "佛": "fo fu", "传": "chuan zhuan",
    "降": "jiang xiang", "角": "jiao jue", "巷": "xiang hang", "弄": "long nong", "堡": "bao pu",
    "埔": "pu bu", "枞": "cong zong", "给": "gei ji", "隽": "jun juan", "轧": "ya zha",
    "吁": "xu yu", "咯": "ge luo", "犍": "qian jian", "还": "huan hai", "卡": "ka qia",
    "壳": "ke qiao", "嚼": "jue jiao", "攒": "zan cuan", "圈": "quan juan", "劲": "jin jing",
    "蔓": "man wan", "宛": "wan yuan", "贾": "jia gu", "女": "nv ru", "儿": "er ni",
    "万": "wan mo", "扎": "za zha",
}  # fmt: skip


def readings_of_name(name: str) -> tuple[int, tuple[Reading, ...]]:
    """Return how many characters are surname, and how the name may be read, likeliest first."""
    surname = surname_length(name)
    family = _family(name[:surname])
    choices = [*family, *(sounds(char) for char in name[surname:])]
    return surname, tuple(islice(product(*choices), MOST_READINGS))


def surname_length(name: str) -> int:
    """Return 2 for a compound surname, else 1."""
    return 2 if name[:2] in LONG_SURNAMES and len(name) > 2 else 1


@lru_cache(maxsize=4096)
def _family(surname: str) -> Sequence[tuple[str, ...]]:
    if known := LONG_SURNAMES.get(surname):
        return [(syllable,) for syllable in known]
    if surname in SURNAMES:
        return [(SURNAMES[surname],)]
    return [sounds(char)[:1] for char in surname]


@lru_cache(maxsize=30_000)
def sounds(char: str) -> tuple[str, ...]:
    """Return the readings of a character alone, likeliest first; ü is v."""
    if char in ALSO:
        return tuple(ALSO[char].split())
    return (_library(char)[0],)


@lru_cache(maxsize=20_000)
def reading_of_place(name: str) -> Reading:
    """Return how a place's name is read, its words known as a whole (重庆, 银行)."""
    syllables: list[str] = []
    for part in _library(name):
        # The library gives what is not Chinese in one piece.
        syllables += [part] if part.isascii() and part.isalpha() else part
    return tuple(syllables)


def _library(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # its dictionary takes a while to load

    return lazy_pinyin(text, errors="default") or [text]
