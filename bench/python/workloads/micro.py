"""Per-operation cost, spelled as a user spells it."""

import array

import mlx.core as mx

a = mx.array([1.0, 2.0, 3.0, 4.0])
b = mx.array([5.0, 6.0, 7.0, 8.0])
square = mx.ones([4, 4])
two = mx.ones([2, 2])
scalar = mx.array(3.0)
numbers = [i / 7 for i in range(1000)]
floats = memoryview(array.array("f", numbers))
thousand = mx.array(numbers)
mx.eval(a, b, square, two, scalar, thousand)


def add(count):
    for _ in range(count):
        mx.add(a, b)


def add_method(count):
    for _ in range(count):
        _ = a + b


def add_scalar(count):
    for _ in range(count):
        mx.add(a, 2)


def multiply(count):
    for _ in range(count):
        mx.multiply(a, b)


def exp(count):
    for _ in range(count):
        mx.exp(a)


def sum_axis(count):
    for _ in range(count):
        mx.sum(square, 1)


def reshape(count):
    for _ in range(count):
        mx.reshape(a, [2, 2])


def matmul(count):
    for _ in range(count):
        mx.matmul(two, two)


def index_first(count):
    for _ in range(count):
        _ = square[0]


def index_slice(count):
    for _ in range(count):
        _ = square[1:3]


def chain(count):
    for _ in range(count):
        x = a
        for _ in range(1000):
            x = mx.add(x, b)
        mx.eval(x)


def sixty_four():
    x = a
    for _ in range(64):
        x = mx.add(x, b)
    return x


def tidy(count):
    for _ in range(count):
        sixty_four()


def item(count):
    total = 0
    for _ in range(count):
        total += scalar.item()
    return total


def sum_item(count):
    total = 0
    for _ in range(count):
        total += mx.sum(a).item()
    return total


def shape(count):
    total = 0
    for _ in range(count):
        total += mx.add(a, b).shape[0]
    return total


def array_list(count):
    for _ in range(count):
        mx.array(numbers)


def array_typed(count):
    for _ in range(count):
        mx.array(floats)


def tolist(count):
    length = 0
    for _ in range(count):
        length += len(thousand.tolist())
    return length


WORKLOADS = {
    "add": add,
    "add-method": add_method,
    "add-scalar": add_scalar,
    "multiply": multiply,
    "exp": exp,
    "sum-axis": sum_axis,
    "reshape": reshape,
    "matmul-2x2": matmul,
    "index-first": index_first,
    "index-slice": index_slice,
    "chain": chain,
    "tidy": tidy,
    "item": item,
    "sum-item": sum_item,
    "shape": shape,
    "array-list": array_list,
    "array-typed": array_typed,
    "tolist": tolist,
}
