"""Which product a complaint is about, as agents name it on its card. As in `changes`, what changes needs the CSRF header."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes
from handoff.console.changes import Strict, holder
from handoff.console.seeing import inside, seeing
from handoff.conversations import products
from handoff.services import Services
from handoff.web import Guard


class About(Strict):
    """A product; empty says that it is about none."""

    product: str = Field(max_length=200)


class Named(BaseModel):
    """The product as it is kept."""

    product: str | None


def router(services: Services, guard: Guard) -> APIRouter:
    """`…/products` and `…/product`."""
    api = APIRouter(prefix="/api/desk", tags=["desk"])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.get("/products", dependencies=[Depends(seeing(services, guard))])
    def show_products(person: agent) -> list[str]:
        """Products to choose from: the house's own list, then those named lately, the most named first."""
        return products.suggestions(database, person.id, services.products)

    @api.post("/conversations/{conversation_id}/product", dependencies=[Depends(inside(services, guard))])
    def name(conversation_id: str, about: About, person: agent) -> Named:
        """Say which product it is about; any agent may. Personal data in the name is covered before it is kept."""
        known = products.suggestions(database, person.id, services.products)
        kept = products.name(database, conversation_id, holder(person), services.bot.mask(about.product), known=known)
        services.signals.changed(conversation_id)
        return Named(product=kept)

    return api


def with_product(services: Services, complaint: shapes.Complaint, opened: shapes.Opened, agent_id: str) -> shapes.Complaint:
    """The card with the product it is about or, where nobody has said so, the one that the customer's words name."""
    product = products.named(services.database, opened.conversation.id)
    said = [str(event["body"].get("text") or "") for event in opened.events if event["kind"] == "message" and event["actor"] == "customer"]
    proposed = None if product else products.told(said, products.suggestions(services.database, agent_id, services.products))
    return complaint.model_copy(update={"product": product, "proposed": proposed})
