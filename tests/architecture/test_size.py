"""The size budgets: one idea a module, functions that fit a glance."""

from statistics import median, quantiles

from tests.architecture.source import code_lines, functions, sources

MODULE_MEDIAN, MODULE_P90, MODULE_MAX = 90, 250, 400
FUNCTION_P90, FUNCTION_MAX = 25, 60


def p90(sizes: list[int]) -> float:
    return quantiles(sizes, n=10, method="inclusive")[-1]


def module_sizes() -> list[int]:
    return [source.length for source in sources() if source.text.strip()]


def test_no_module_is_longer_than_the_limit() -> None:
    long = [f"{source.path}: {source.length} lines" for source in sources() if source.length > MODULE_MAX]
    assert not long, "split these along their ideas:\n" + "\n".join(long)


def test_half_of_the_modules_fit_a_screen_and_a_half() -> None:
    assert median(module_sizes()) <= MODULE_MEDIAN


def test_nine_of_ten_modules_are_short() -> None:
    assert p90(module_sizes()) <= MODULE_P90


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{source.at(function)}: {function.name} has {code_lines(function)} lines"
        for source in sources()
        for function in functions(source)
        if code_lines(function) > FUNCTION_MAX
    ]
    assert not long, "these do more than one thing:\n" + "\n".join(long)


def test_nine_of_ten_functions_are_short() -> None:
    sizes = [code_lines(function) for source in sources() for function in functions(source)]
    assert p90(sizes) <= FUNCTION_P90
