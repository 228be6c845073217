"""Products."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import World

routes = Routes()


def make(world: World, name: str, identifier: str | None = None) -> Json:
    """A new product, which is not kept yet."""
    return {
        "id": identifier or world.new_id("prod", 14),
        "object": "product",
        "active": True,
        "created": world.now(),
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": world.now(),
        "url": None,
    }


def change(world: World, product: Json, params: Params) -> None:
    """What creation and update share."""
    if params.has("active"):
        product["active"] = params.boolean("active", default=True)
    for name in ("description", "statement_descriptor", "tax_code", "unit_label", "url"):
        if params.has(name):
            product[name] = params.text(name)
    if params.has("images"):
        product["images"] = params.texts("images")
    if params.has("marketing_features"):
        product["marketing_features"] = [
            {"name": each.required("name")} for each in params.each("marketing_features")
        ]
    if price := params.text("default_price"):
        product["default_price"] = world.get("price", price, "default_price")["id"]
    product["metadata"] = merge_metadata(product["metadata"], params)


@routes.on("POST", "/products")
def create(world: World, params: Params) -> Json:
    name = params.required("name")
    identifier = params.text("id")
    if world.find("product", identifier):
        raise invalid(f"Product already exists: {identifier}", "id", "resource_already_exists")
    product = make(world, name, identifier)
    change(world, product, params)
    world.add(product)
    world.emit("product.created", product)
    return product


routes.retrieve("/products", "product")


@routes.on("POST", "/products/{}")
def update(world: World, params: Params, name: str) -> Json:
    product = world.get("product", name)
    with world.changing(product):
        if new_name := params.text("name"):
            product["name"] = new_name
        change(world, product, params)
        product["updated"] = world.now()
    return product


@routes.on("DELETE", "/products/{}")
def delete(world: World, params: Params, name: str) -> Json:
    product = world.get("product", name)
    if any(price["product"] == name for price in world.all("price")):
        raise invalid(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    world.emit("product.deleted", product)
    del world.objects["product"][name]
    return {"id": name, "object": "product", "deleted": True}


@routes.on("GET", "/products")
def everything(world: World, params: Params) -> Json:
    names = params.texts("ids")
    active = params.boolean("active") if params.has("active") else None
    found = [
        product
        for product in world.all("product")
        if (not names or product["id"] in names) and active in {None, product["active"]}
    ]
    return page(world, params, found, "/products")
