"""A small shop that does not exist, with the widget on it: what a customer sees."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from handoff.services import Services
from handoff.web import Pages

PRODUCTS = (
    ("vase", "34,90"),
    ("candle", "12,50"),
    ("mug", "16,00"),
    ("towel", "19,90"),
    ("board", "28,00"),
    ("lamp", "79,00"),
    ("basket", "24,50"),
    ("throw", "64,00"),
)
ON_FRONT = 4


def router(services: Services, pages: Pages) -> APIRouter:
    shop = APIRouter(include_in_schema=False)
    company = services.settings.company

    @shop.get("/demo")
    def front(request: Request) -> HTMLResponse:
        return pages.page(request, "demo.html", company=company, here="front", products=PRODUCTS[:ON_FRONT])

    @shop.get("/demo/tooted")
    def products(request: Request) -> HTMLResponse:
        return pages.page(request, "demo_products.html", company=company, here="products", products=PRODUCTS)

    return shop
