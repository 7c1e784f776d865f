"""Invented customers: companies and persons, here and abroad, with contacts and numbers. Pure: dice in, values out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callwright.demo.world_words import ABROAD, BRANDS, CITIES, GIVEN, SURNAMES, TITLES, TRADES, City, Pair
from crm_core.domain.customers import CustomerKind, CustomerLevel, NumberSource
from crm_core.kernel.language import Language

CUSTOMERS = 300

_LEVELS = (CustomerLevel.NORMAL, CustomerLevel.SILVER, CustomerLevel.GOLD, CustomerLevel.VIP)
_LEVEL_WEIGHTS = (70, 18, 8, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedContact:
    name: str
    name_en: str
    title: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedCustomer:
    name: str
    name_en: str
    kind: CustomerKind
    level: CustomerLevel = CustomerLevel.NORMAL
    language: Language = Language.ZH
    city: str = ""
    address: str = ""
    email: str = ""
    numbers: tuple[str, ...] = ()
    contacts: tuple[InventedContact, ...] = ()
    source: NumberSource = NumberSource.AGENT
    note: str = ""
    days_ago: int = 0
    """Since when we know him."""

    @property
    def confirmed(self) -> bool:
        return self.source is NumberSource.AGENT

    @property
    def first_number(self) -> str:
        return (*self.numbers, *(number for contact in self.contacts for number in contact.numbers))[0]


ZHANG_WEI = InventedCustomer(
    name="张伟",
    name_en="Wei Zhang",
    kind=CustomerKind.PERSON,
    level=CustomerLevel.SILVER,
    city="上海",
    address="漕溪北路 88 号 1203 室",
    numbers=("13800138000",),
    note="习惯下午联系。",
    days_ago=420,
)

YUANHANG = InventedCustomer(
    name="上海远航机电有限公司",
    name_en="Shanghai Yuanhang Electromechanical Co., Ltd.",
    kind=CustomerKind.COMPANY,
    level=CustomerLevel.VIP,
    city="上海",
    address="漕溪北路 396 号\n汇智大厦 15 楼",
    email="service@yuanhang.example",
    numbers=("02164881234",),
    contacts=(
        InventedContact(name="李静", name_en="Jing Li", title="采购经理", numbers=("02164881234", "13900139001")),
        InventedContact(name="陈志强", name_en="Zhiqiang Chen", title="工程部", numbers=("02164881234", "13900139002")),
        InventedContact(name="周敏", name_en="Min Zhou", title="财务", numbers=("02164881234",)),
    ),
    days_ago=800,
)

HUGHES = InventedCustomer(
    name="Eleanor Hughes",
    name_en="Eleanor Hughes",
    kind=CustomerKind.PERSON,
    level=CustomerLevel.GOLD,
    language=Language.EN,
    city="London",
    address="14 Marlowe Street\nLondon",
    email="eleanor.hughes@mail.example",
    numbers=("+442079460123",),
    days_ago=150,
)

PROMISED = (ZHANG_WEI, YUANHANG, HUGHES)
"""Those whom docs and tests call by number."""


def invent_customers(dice: random.Random) -> tuple[InventedCustomer, ...]:
    inventor = _Inventor(dice)
    return (*PROMISED, *(inventor.customer() for _ in range(CUSTOMERS - len(PROMISED) - 2)), *inventor.sharing())


class _Inventor:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._taken = {number for customer in PROMISED for number in _numbers(customer)}

    def customer(self) -> InventedCustomer:
        kind = self._dice.random()
        if kind < 0.1:
            return self._from_abroad()
        return self._company() if kind < 0.45 else self._person()

    def sharing(self) -> tuple[InventedCustomer, InventedCustomer]:
        """Mother and son with one line: the number alone does not tell who calls."""
        line, surname = self._landline(CITIES[0]), self._dice.choice(SURNAMES)
        mother, son = (self._person(surname=surname, number=line) for _ in range(2))
        return mother, son

    def _person(self, *, surname: Pair | None = None, number: str = "") -> InventedCustomer:
        city = self._dice.choice(CITIES)
        name, name_en = self._chinese(surname)
        numbers = [number or self._mobile()]
        if not number and self._dice.random() < 0.25:
            numbers.append(self._landline(city))
        return InventedCustomer(
            name=name,
            name_en=name_en,
            kind=CustomerKind.PERSON,
            level=self._level(),
            city=city.zh,
            address=self._address(city),
            email=self._email(name_en),
            numbers=tuple(numbers),
            source=self._source(),
            days_ago=self._dice.randrange(30, 1200),
        )

    def _company(self) -> InventedCustomer:
        city, brand, trade = self._dice.choice(CITIES), self._dice.choice(BRANDS), self._dice.choice(TRADES)
        switchboard = self._landline(city)
        return InventedCustomer(
            name=f"{city.zh}{brand[0]}{trade[0]}有限公司",
            name_en=f"{city.en} {brand[1]} {trade[1]} Co., Ltd.",
            kind=CustomerKind.COMPANY,
            level=self._level(),
            city=city.zh,
            address=self._address(city),
            email=f"office@{brand[1].lower()}-{trade[1].split()[0].lower()}.example",
            numbers=(switchboard,),
            contacts=tuple(self._contact() for _ in range(self._dice.randint(1, 3))),
            source=self._source(),
            days_ago=self._dice.randrange(30, 1500),
        )

    def _from_abroad(self) -> InventedCustomer:
        place = self._dice.choice(ABROAD)
        name = self._dice.choice(place.names)
        return InventedCustomer(
            name=name,
            name_en=name,
            kind=CustomerKind.PERSON,
            level=self._level(),
            language=Language.EN,
            city=place.city,
            email=self._email(name),
            numbers=(self._fresh(lambda: self._filled(place.number)),),
            source=self._source(),
            days_ago=self._dice.randrange(30, 900),
        )

    def _contact(self) -> InventedContact:
        name, name_en = self._chinese()
        title = self._dice.choice(TITLES)[0]
        numbers = (self._mobile(),) if self._dice.random() < 0.7 else ()
        return InventedContact(name=name, name_en=name_en, title=title, numbers=numbers)

    def _chinese(self, surname: Pair | None = None) -> Pair:
        family, given = surname or self._dice.choice(SURNAMES), self._dice.choice(GIVEN)
        return family[0] + given[0], f"{given[1]} {family[1]}"

    def _source(self) -> NumberSource:
        """Most numbers were confirmed by an agent; some came with an import and are only believed."""
        return NumberSource.IMPORT if self._dice.random() < 0.15 else NumberSource.AGENT

    def _level(self) -> CustomerLevel:
        return self._dice.choices(_LEVELS, _LEVEL_WEIGHTS)[0]

    def _address(self, city: City) -> str:
        return f"{self._dice.choice(city.streets)} {self._dice.randrange(1, 999)} 号"

    def _email(self, name_en: str) -> str:
        if self._dice.random() < 0.5:
            return ""
        plain = "".join(letter for letter in name_en.lower().replace(" ", ".") if letter.isascii())
        return f"{plain}@mail.example"

    def _mobile(self) -> str:
        return self._fresh(lambda: self._dice.choice(("135", "138", "139", "159", "177", "186", "189")) + self._some(8))

    def _landline(self, city: City) -> str:
        return self._fresh(lambda: city.area + self._dice.choice("5678") + self._some(city.digits - 1))

    def _filled(self, pattern: str) -> str:
        return "".join(self._dice.choice("0123456789") if letter == "x" else letter for letter in pattern)

    def _some(self, digits: int) -> str:
        return self._filled("x" * digits)

    def _fresh(self, make: Callable[[], str]) -> str:
        """A number that nobody else has (some of the ranges for fiction are small; then it is shared)."""
        for _ in range(50):
            number = make()
            if number not in self._taken:
                break
        self._taken.add(number)
        return number


def _numbers(customer: InventedCustomer) -> Iterator[str]:
    yield from customer.numbers
    for contact in customer.contacts:
        yield from contact.numbers
