"""Words the corpora are made of. Data only; nothing here may look like personal data."""

from __future__ import annotations

PARAGRAPH = """
the garden house stood quiet while evening light fell over old stones and nobody spoke about what had happened during
that long winter when every road was closed and people read by the fire their letters from distant friends who wrote of
harvest music rivers and the slow work of making something that might last beyond a single season without much hope for
thanks or any other reward than having done it well
""".split()  # noqa: SIM905

#: `bench.texts.filled_in` says what the angle brackets mean.
NUMBERS = ("in <1800-2020>", "<2-99> of them", "at <1-12>:<10-59>", "<2-99>.<10-99> euros")

LOG_START = (
    "2025-03-<01-28>T<00-23>:<00-59>:<00-59>.<000-999>Z <INFO |INFO |INFO |DEBUG|WARN > "
    "[<gateway|scheduler|storage|billing|search|tools.mcp|auth|http>]"
)
LOG_MESSAGES = (
    "request id=req-<x12> path=/api/v<1-3>/orders/<1-99999> status=<200|201|204|404|500> took=<1-900>ms",
    "worker-<1-16> finished job <x8> in <1-99>.<100-999> s",
    "cache hit ratio <50-99>.<10-99> % over <100-99999> keys",
    "tool search called with <1-9> arguments, <1-99> results, <100-99999> bytes",
    "session opened for tenant blue; nothing to migrate",
    "gc pause <1-40> ms, heap <100-2000> MB of <2001-4000> MB, build <1-9>.<0-20>",
)

#: Between words, and at the end of a sentence.
SEPARATORS = {"german": (" ", "."), "russian": (" ", "."), "chinese": ("", "。")}

BEGINNINGS = {
    "german": (
        "Für die Prüfung",
        "Während der Sitzung",
        "Über den Vorgang",
        "Nächste Woche",
        "Die Geschäftsführung",
        "Möglicherweise",
        "Der Händler",
    ),
    "russian": (
        "Сегодня утром",
        "После совещания",
        "Новая система",
        "Служба поддержки",
        "Наш отдел",
        "Вчера вечером",
        "Каждый сотрудник",
    ),
    "chinese": ("今天上午", "会议结束以后", "新的系统", "客户服务部门", "我们的团队", "昨天晚上", "每位员工"),
}

MIDDLES = {
    "german": (
        "wurde",
        "gründlich",
        "geprüft",
        "und",
        "später",
        "ausführlich",
        "erklärt",
        "ohne",
        "größere",
        "Störung",
        "im",
        "Büro",
        "für",
        "alle",
        "Mitarbeiter",
        "möglich",
        "übrigens",
        "häufig",
    ),
    "russian": (
        "была",
        "подробно",
        "проверена",
        "и",
        "затем",
        "передана",
        "без",
        "задержки",
        "в",
        "другой",
        "офис",
        "для",
        "всех",
        "участников",
        "обычно",
        "работает",
        "хорошо",
        "быстро",
    ),
    "chinese": (
        "已经",
        "仔细检查",
        "并且",
        "随后",
        "详细说明",
        "没有",
        "任何延误",
        "在",
        "办公室",
        "为",
        "所有参与者",
        "通常",
        "工作",
        "顺利",
        "非常",
        "迅速",
        "完成",
        "准备",
    ),
}

ENDINGS = {
    "german": ("abgeschlossen", "bestätigt", "verschoben", "zurückgestellt", "veröffentlicht"),
    "russian": ("завершена", "подтверждена", "отложена", "опубликована", "принята"),
    "chinese": ("已完成", "已确认", "已推迟", "已发布", "已接受"),
}
