"""Why hypotheses may be dropped, or may not: the arguments that several claims share.

**Lemma 9 without r = 0.** Let R >= 1 be the rank of every layer, P = prod W singular, P + LR_r(E) non-singular for 1
<= r <= R(L-1), E' = LR_{RL}(E), T = P + E'. (L = 1: Delta = LR_R(E).) Then some adapters of rank R have the product
T. As P + LR_1(E) is non-singular, P has rank D - 1, and so has every singular factor and every product of consecutive
layers with one. Let H = im P, t the topmost of the k singular layers. For a singular l < t the product S_l of the raw
layers above l has rank D - 1, so im S_l = H; its kernel is spanned by a c_l outside im W_l, or S_{l-1} had rank D -
2. Go up through the singular layers; those below l are non-singular by then, and so is the adapted product M_l below
l. The product so far is P_l, of rank D - 1 with image H and kernel x_l, as long as layer t is raw. The change Delta_l
= (b + w c_l) a^T with S_l b = y in H and M_l^T a = z adds y z^T to the product, for every w. By det(W_l + u a^T) =
a^T adj(W_l) u it makes layer l non-singular for almost every w as soon as z^T x_l is not 0. With b = 0 it is free:
the product stays, and any a not orthogonal to ker W_l will do. In layer t any y outside H does, with z^T x_t not 0.
Take G = LR_k(E), if k <= R(L-1), and write it as y_1 z_1^T + ... + y_m z_m^T, m = rank(G), with y_1 outside H and the
others in H (range G is not in H, as P + G is non-singular). Give y_1 z_1^T to layer t, one of the others to each of m
- 1 lower singular layers, and a free change to the rest. In a basis in general position z_j^T x_l = 0 for the next j
only if all pieces that are left vanish at x_l, that is (P + G) x_l = 0; but P + G is non-singular. So all layers are
non-singular now, k ranks are spent, the product is P + LR_k(E), and T differs from it by rank RL - k at most:
Proposition A finishes.  If k > R(L-1), then R = 1 and k = L; take G = E' and end with layer L, which need not become
non-singular. Only T may be singular then, with a kernel of dimension one, P + LR_{L-1}(E) being regular; its vector v
has E'v = -Pv in H and not 0 (E' is not 0 on ker P, nor is LR_1(E)), so that in general position no coordinate of it
in y_2, ..., y_L vanishes, and x_l, whose coordinates on the pieces left do, is another vector. (With rank(E) < L, T
is P + LR_{L-1}(E) itself.)

**In blocks of M layers or more** (Theorems 3 and 5; LR_{RM}(E_i) for E', sums regular for 1 <= r <= R(M-1)). M = 1:
an error BA of rank R is in reach of layers of rank R whatever their weights are, by induction over the layers: with Q
the product below the top layer W, let the lower layers reach Q + CA and take Delta = (B - WC) F with F (Q + CA) = A.
F exists, for in general position of C the kernel of Q + CA is that of Q and A together. M >= 2: as above, with at
most R(M-1) pieces and free changes in the other singular layers; for R >= 2 the ranks left are (R-1)|P_i| >= R at
least, and for R = 1 a singular P + E' with rank(E') = M ends with its pieces, and nothing is left to do.
"""

from __future__ import annotations

from theorems.facts import Fact, definition, needed, not_needed
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, PARTIAL, WHOLE
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS, SUMS

#: Claims on what equation (8) builds, not on what adapters can do.
FORMED = definition(
    "equation (8) inverts the suffixes of the product and its partial sums; wherever it can be formed, this holds"
)
SVDS = definition("the decompositions are SVDs by definition; files with others are refused")
ALIGNED = definition("the errors to align are formed with W_1^{-1} and W_2^{-1} of the block below")
TELLING = definition("the alignment, or the inputs that tell, are formed with inverses of the weights")
RAISED = not_needed("the singular layers are raised first, along singular triples of E (see the docstring)")
BLOCKWISE = not_needed("every step is about one block, whichever layers it has")
SCORES = needed(
    "zeng-lee/theorem-17.threshold:scores", "one block, one head: below it no adapters have the scores"
)
CONSTANT = needed(
    "zeng-lee/lemma-12.exactness",
    "in its witness every f is constant, and misses a target that varies on the support, where the bound is 0",
)

BY_EQUATION_8 = dict.fromkeys((FROZEN, WHOLE, PARTIAL), FORMED)
BY_EQUATION_8_IN_BLOCKS = dict.fromkeys((FROZEN, BLOCKS, SUMS), FORMED)
RAISING = dict.fromkeys((FROZEN, WHOLE), RAISED)
RAISING_IN_BLOCKS = dict.fromkeys((FROZEN, BLOCKS), RAISED)
MISSED = dict.fromkeys((FROZEN, WHOLE), CONSTANT)


def without_sums(claim: str = "") -> Fact:
    """Partial sums serve equation (8) only; `claim` says the same without them."""
    return not_needed("elimination reaches the same product without inverting a partial sum", claim)
