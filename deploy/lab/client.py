"""People of the lab: residents who report by the one-click page, and look their report up.

`python -m deploy.lab.client ADDRESS PORT DISTRICT COMPOUND TOKEN SECONDS RATE`, inside the lab; one
JSON document on stdout: every try with its moment, status and receipt code, which were lost, and
which their writer's next page did not know.
"""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

BROWSER = "lab"
WROTE = "wrote"
THREADS = 24
PATIENCE = 40  # seconds that somebody waits for an answer


def main() -> None:
    """Report at a steady rate for a while."""
    address, port, district, compound, token, seconds, rate = sys.argv[1:]
    person = Person(address, int(port), district, compound, token)
    begun, moments = time.time(), _moments(float(seconds), float(rate))
    with ThreadPoolExecutor(THREADS) as people:
        tries = list(people.map(person.report, moments))
        codes = [code for _at, _took, _status, code in tries if code]
        lost = [
            code
            for code, there in zip(codes, people.map(person.finds, codes), strict=True)
            if not there
        ]
    json.dump({"begun": begun, "tries": tries, "lost": lost, "unseen": person.unseen}, sys.stdout)


def _moments(seconds: float, rate: float) -> Iterator[float]:
    first = time.time()
    return iter([first + number / rate for number in range(int(seconds * rate))])


class Person:
    """Somebody with a phone and the QR code of a district."""

    def __init__(self, address: str, port: int, district: str, compound: str, token: str) -> None:
        self._at, self._path = (address, port), f"/q/{district}"
        form = {
            "csrf": token,
            "compound": compound,
            "category": "电梯故障",
            "content": "电梯停在三楼",
        }
        self._form = urlencode(form)
        self.unseen: list[str] = []

    def report(self, moment: float) -> tuple[float, float, int, str]:
        """Report at that moment; return when, how long it took, the status, the receipt's code."""
        time.sleep(max(0.0, moment - time.time()))
        begun = time.time()
        try:
            status, where = self._ask("POST", self._path, self._form)
        except (OSError, http.client.HTTPException):
            status, where = 0, ""
        took = time.time() - begun
        code = where.rpartition("/")[2] if status == 303 else ""
        if code and self._page(code) == 404:
            self.unseen.append(code)
        return begun, took, status, code

    def _page(self, code: str) -> int:
        """Ask for the page that follows the report, as the same browser; 0 without an answer."""
        try:
            return self._ask("GET", f"{self._path}/{code}", "", f"; {WROTE}=1")[0]
        except (OSError, http.client.HTTPException):
            return 0

    def finds(self, code: str) -> bool:
        """Look the report up."""
        for _again in range(3):
            status = self._page(code)
            if status in {200, 404}:
                return status == 200
        return False

    def _ask(self, method: str, path: str, body: str, more: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection(*self._at, timeout=PATIENCE)
        try:
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"browser={BROWSER}{more}",
            }
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("location", "") or ""
        finally:
            connection.close()


if __name__ == "__main__":
    main()
