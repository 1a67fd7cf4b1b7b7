"""What invented people are called and suffer from. Data of the demo city, not texts of the pages."""

from dataclasses import dataclass

from services.people import Sex

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈"

_PLANTS = "海棠 木兰 芍药 丁香 茉莉 水仙 紫薇 山茶 芙蓉 蔷薇 玉簪 百合 石榴 月季 杜鹃 凌霄 忍冬 连翘 半夏 兰草"
_TREES = "银杏 水杉 白杨 松柏 青松 红枫 古樟 南竹 云杉 国槐 榆木 柳荫 梧桐 楠木 乌桕 冷杉 苍柏 桑榆 板栗 香樟"
ELDERS_NAMES: dict[Sex, list[str]] = {"female": _PLANTS.split(), "male": _TREES.split()}
"""Elders are called after plants and trees, their people after lakes and rivers: plainly invented, and short."""

_LAKES = "磁湖 网湖 东湖 保安 青山 洪湖 梁子 沙湖 南湖 月湖"
_RIVERS = "长江 富水 汉江 清江 黄河 淮河 赣江 湘江 漳河 大富"
CONTACTS_NAMES: dict[Sex, list[str]] = {"female": _LAKES.split(), "male": _RIVERS.split()}


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    medicines: tuple[str, ...]
    plan: str | None = None
    oxygen: bool = False
    dementia: bool = False


CONDITIONS = [
    Condition("高血压", ("氨氯地平 5 mg 每日一次",)),
    Condition("2型糖尿病", ("二甲双胍 0.5 g 每日两次",), plan="糖尿病：询问是否出汗、心慌，留意低血糖"),
    Condition("冠心病", ("阿司匹林 100 mg 每日一次", "硝酸甘油 0.5 mg 必要时舌下含服"), plan="冠心病：胸痛立即转120"),
    Condition("慢性阻塞性肺疾病", ("噻托溴铵 18 μg 每日一次吸入",), plan="慢阻肺：气促时询问是否正在吸氧", oxygen=True),
    Condition("脑卒中后遗症", ("氯吡格雷 75 mg 每日一次",), plan="卒中史：口齿不清、肢体无力立即转120"),
    Condition("骨质疏松", ("碳酸钙 D3 600 mg 每日一次",), plan="骨质疏松：跌倒后不要急于扶起"),
    Condition("膝骨关节炎", ()),
    Condition("帕金森病", ("多巴丝肼 125 mg 每日三次",)),
    Condition("轻度认知障碍", (), plan="认知障碍：慢说、重复，同时联系家属", dementia=True),
    Condition("白内障", ()),
    Condition("慢性肾病", ("碳酸氢钠 0.5 g 每日三次",)),
    Condition("听力下降", (), plan="听力下降：大声慢说，无应答不等于无人"),
]

ALLERGIES = ["青霉素", "磺胺类", "头孢类", "海鲜", "碘造影剂"]

PLAN_FIRST = ["回拨设备，确认情况", "无应答时按顺序联系联系人"]
PLAN_LAST = "联系不上时派人上门，必要时转120"

NOTES = ["", "", "", "耳背，请大声", "养有一只小狗", "普通话听得懂，说黄石话", "每周三上午去社区医院", "行走需助行器"]
DOOR_NOTES = [
    "备用钥匙在右邻家",
    "密码锁，密码由社区网格员保管",
    "门口脚垫下无钥匙，请联系家属",
    "单元门按 0 号键呼叫",
    "院门白天不锁",
    "钥匙存放在社区服务站 12 号柜",
]


@dataclass(frozen=True, slots=True)
class Relation:
    name: str
    sex: Sex
    distances: tuple[str, ...]
    keeps_surname: bool = False


_RELATIVE_DISTANCES = ("同小区，步行5分钟", "同城，驾车20分钟", "在武汉，驾车1.5小时", "在外省，只能电话")
_NEAR = ("隔壁", "同一单元", "步行3分钟")

RELATIVES = [
    Relation("儿子", "male", _RELATIVE_DISTANCES, keeps_surname=True),
    Relation("女儿", "female", _RELATIVE_DISTANCES, keeps_surname=True),
    Relation("儿媳", "female", _RELATIVE_DISTANCES),
    Relation("女婿", "male", _RELATIVE_DISTANCES),
    Relation("侄子", "male", _RELATIVE_DISTANCES, keeps_surname=True),
]
NEIGHBOURS = [
    Relation("邻居", "female", _NEAR),
    Relation("邻居", "male", _NEAR),
    Relation("社区网格员", "female", ("社区服务站，步行10分钟",)),
]
