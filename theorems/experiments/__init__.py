"""The numerical experiments of Zeng and Lee's Appendix G: their adapters against adapters trained with Adam.

`problems` has the models with gradients written by hand, `transformer_gradients` that of the Transformer, `training`
Adam and LoRA, `references` the paper's construction with what the theory gives beside it, `cells` the plan of each
figure, and `records` the files.  NumPy alone computes.
"""
