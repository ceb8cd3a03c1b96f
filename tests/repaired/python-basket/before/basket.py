"""A basket."""


def add(item, basket=[]):
    """Adds an item to a basket, a new one if there is none. Nothing is in a basket twice."""
    if item in basket:
        raise ValueError(f"{item} is in the basket already")
    basket.append(item)
    return basket
