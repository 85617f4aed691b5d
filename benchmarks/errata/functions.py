"""False claims on vectors, functions of them, derivatives and expansions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.strategies import vectors

Steps = Iterator[Suppose | Conclude]


def norms_turned(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(at_most(num.norm(x), num.max_norm(x)), "||x||_2 <= ||x||_inf")


def one_norm_by_root(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    n = x.shape[-1]
    yield conclude(at_most(num.one_norm(x), num.sqrt(num.number(n)) * num.max_norm(x)), "||x||_1 <= sqrt(n) ||x||_inf")


def pythagoras(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    total = num.norm_squared(x) + num.norm_squared(y)
    yield conclude(equal(num.norm_squared(x + y), total), "||x + y||^2 = ||x||^2 + ||y||^2")


def orthogonality_is_transitive(case: Any, num: Any) -> Steps:
    x, y, z = case.vectors
    yield suppose(equal(num.dot(x, y), num.number(0)), "x is orthogonal to y")
    yield suppose(equal(num.dot(y, z), num.number(0)), "y is orthogonal to z")
    yield conclude(equal(num.dot(x, z), num.number(0)), "x is orthogonal to z")


def largest_entries_add(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield conclude(equal(num.largest(x + y), num.largest(x) + num.largest(y)), "max(x + y) = max x + max y")


def medians_add(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield suppose(x.shape[-1] == 3, "n = 3")
    middle = num.order_statistic(x, 2) + num.order_statistic(y, 2)
    yield conclude(equal(num.order_statistic(x + y, 2), middle), "the median of x + y is that of x plus that of y")


def softmax_ignores_scale(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.softmax(2 * A), num.softmax(A)), "softmax(2X) = softmax(X)")


def softmax_of_rows_and_columns(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.softmax(A), num.softmax_rows(A)), "softmax by columns is softmax by rows")


def log_sum_exp_is_the_largest(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(at_most(num.log_sum_exp(x), num.largest(x)), "log sum exp x <= max x")


def log_sum_exp_is_homogeneous(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(equal(num.log_sum_exp(2 * x), 2 * num.log_sum_exp(x)), "lse(2x) = 2 lse(x)")


def log_sum_exp_adds(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield conclude(
        at_most(num.log_sum_exp(x) + num.log_sum_exp(y), num.log_sum_exp(x + y)), "lse x + lse y <= lse(x+y)"
    )


def sigmoid_is_odd(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(equal(num.sigmoid(-x), -num.sigmoid(x)), "sigma(-x) = -sigma(x)")


def tanh_and_sigmoid(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(equal(num.tanh(x), num.plus(-1, 2 * num.sigmoid(x))), "tanh x = 2 sigma(x) - 1")


def relu_adds(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield conclude(equal(num.relu(x + y), num.relu(x) + num.relu(y)), "relu(x + y) = relu x + relu y")


def sigmoid_is_convex(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield conclude(at_most(2 * num.sigmoid((x + y) / 2), num.sigmoid(x) + num.sigmoid(y)), "sigma is convex")


def gradient_of_a_form(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    (x,) = case.vectors
    found = num.gradient(lambda y, num: num.dot(y, num.apply(A, y)), x)
    yield conclude(equal(found, 2 * num.apply(A, x)), "the gradient of x^T A x is 2 A x")


def gradient_of_a_trace(case: Any, num: Any) -> Steps:
    A, X = case.matrices
    yield conclude(equal(num.gradient(lambda Y, num: num.trace(A @ Y), X), A), "the gradient of tr(AX) is A")


def gradient_of_least_squares(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    x, b = case.vectors
    found = num.gradient(lambda y, num: num.norm_squared(num.apply(A, y) - b), x)
    yield conclude(equal(found, num.apply(A.mT, num.apply(A, x) - b)), "the gradient of ||Ax - b||^2 is A^T (Ax - b)")


def gradient_of_a_log_determinant(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(less_than(num.number(0), num.determinant(A)), "det A > 0")
    found = num.gradient(lambda Y, num: num.log_determinant(Y), A)
    yield conclude(equal(found, num.inverse(A)), "the gradient of log det X is X^-1")


def gradient_of_a_norm(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield suppose(less_than(num.number(0), num.norm(x)), "x is not zero")
    yield conclude(equal(num.gradient(lambda y, num: num.norm(y), x), x), "the gradient of ||x|| is x")


def jacobian_of_softmax(case: Any, num: Any) -> Steps:
    (x,) = case.vectors

    def soft(y: Any, num: Any) -> Any:
        return num.softmax(y[..., :, None])[..., :, 0]

    s = soft(x, num)
    found = num.jacobian(soft, x)
    yield conclude(equal(found, num.diagonal(num.hadamard(s, 1 - s))), "the Jacobian of softmax is diag(s (1 - s))")


def determinant_to_second_order(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    one = num.identity(A.shape[-1])
    _, _, second = num.expansion(lambda e, num: num.determinant(one + num.times(e, A)), 2)
    yield conclude(equal(second, num.trace(A) * num.trace(A) / 2), "det(I + eA) = 1 + e tr A + e^2 tr(A)^2 / 2 + ...")


def inverse_to_second_order(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    one = num.identity(A.shape[-1])
    _, first, _ = num.expansion(lambda e, num: num.inverse(one + num.times(e, A)), 2)
    yield conclude(equal(first, A), "(I + eA)^-1 = I + eA + ...")


def complex_determinant(case: Any, num: Any) -> Steps:
    X, Y = case.matrices
    det = num.determinant
    whole = num.block([[X, -Y], [Y, X]])
    yield conclude(equal(det(whole), det(X) * det(X) + det(Y) * det(Y)), "|det(X + iY)|^2 = det(X)^2 + det(Y)^2")


CASES = {"medians_add": vectors(count=2, min_dimension=3, max_dimension=3)}
