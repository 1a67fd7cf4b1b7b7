"""What the platform tolerates in an event, code by code. The pages translate the codes; docs/device-guide.md says what
is right."""

from enum import StrEnum


class RemarkCode(StrEnum):
    """`part.what`; stable. The event was accepted, but this part of it was not as the wire says."""

    TOPIC_OTHER = "topic.other"  # 发错主题
    PAYLOAD_PACKED = "payload.packed"  # 报文被压缩或 Base64 编码
    PAYLOAD_ENCODING = "payload.encoding"  # 报文不是 UTF-8
    PAYLOAD_SEVERAL = "payload.several"  # 一条报文里有多个 JSON
    PAYLOAD_TWICE = "payload.twice"  # JSON 套在文本里
    PAYLOAD_MENDED = "payload.mended"  # JSON 有语法错误, 已修补
    PAYLOAD_TRAILING = "payload.trailing"  # JSON 之后还有多余内容
    FIELD_RENAMED = "field.renamed"  # 字段名不对
    ENVELOPE_SPECVERSION = "envelope.specversion"  # specversion 缺失或不对
    ENVELOPE_SOURCE = "envelope.source"  # source 缺失或不对
    ENVELOPE_BINARY = "envelope.binary"  # 属性放在 MQTT 用户属性里
    ID_RESPELLED = "id.respelled"  # 编号不是文本
    TYPE_RESPELLED = "type.respelled"  # 类型写法不对
    TYPE_FROM_TOPIC = "type.from_topic"  # 类型取自主题
    TIME_RESPELLED = "time.respelled"  # 时间是数字
    TIME_UNREADABLE = "time.unreadable"  # 时间无法读取
    DATA_ELSEWHERE = "data.elsewhere"  # data 的内容放在别处
    DATA_UNREADABLE = "data.unreadable"  # data 无法读取
    ALARMS_RESPELLED = "alarms.respelled"  # 附加告警写法不对
    ALARMS_UNREADABLE = "alarms.unreadable"  # 附加告警无法读取
    LOCATION_RESPELLED = "location.respelled"  # 位置写法不对
    LOCATION_SCALED = "location.scaled"  # 经纬度被放大或为度分格式
    LOCATION_SWAPPED = "location.swapped"  # 经纬度颠倒
    LOCATION_NULL_ISLAND = "location.null_island"  # 经纬度为 0
    LOCATION_OUT_OF_RANGE = "location.out_of_range"  # 经纬度超出范围
    LOCATION_UNREADABLE = "location.unreadable"  # 位置无法读取
    LOCATION_ABROAD = "location.abroad"  # 位置不在中国
    LOCATION_DATUM = "location.datum"  # 坐标系不明
    BATTERY_RESPELLED = "battery.respelled"  # 电量写法不对
    BATTERY_UNREADABLE = "battery.unreadable"  # 电量无法读取
    READINGS_RESPELLED = "readings.respelled"  # 读数写法不对
    READINGS_UNREADABLE = "readings.unreadable"  # 读数无法读取


ID_REUSED = "id.reused"  # 编号重复使用
"""A remark made by the worker, which knows earlier events: the id was used before for another happening."""
