"""Tiny random models of the families that people tune, made by transformers; nothing is downloaded.

`FAMILIES` maps a name to (configuration class, its arguments, model class, how the base is stored).  How it is stored:
"as saved" by `save_pretrained`; "bare" without the prefix of the base model, as GPT-2's file on the hub is;
"prefixed" below ``module.``, as a wrapped model's state dict is.
"""

from __future__ import annotations

import inspect
from typing import Any

#: Sizes under every name that configurations have for them: each class takes those that it knows.
SIZES = {
    "vocab_size": 96, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 40, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
GPT = {
    "vocab_size": 96,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 40,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
T5 = {"vocab_size": 96, "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4, "pad_token_id": 0,
      "decoder_start_token_id": 0}  # fmt: skip
BART = {"vocab_size": 96, "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4,
        "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48, "max_position_embeddings": 40,
        "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2}  # fmt: skip
VISION = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
          "image_size": 16, "patch_size": 8, "num_labels": 3}  # fmt: skip
EXPERTS = {"num_local_experts": 3, "num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": 24,
           "shared_expert_intermediate_size": 24, "head_dim": 8}  # fmt: skip
MLA = {"q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8,
       "head_dim": 8, "n_routed_experts": 3, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1}  # fmt: skip
_ROPE = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]}
_TEXT = {"model_type": "llama", **SIZES, "head_dim": 8}
_CLIP_VISION = {"model_type": "clip_vision_model", **VISION, "projection_dim": 16}

FAMILIES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "llama, untied": ("LlamaConfig", SIZES | {"tie_word_embeddings": False}, "LlamaForCausalLM", "as saved"),
    "llama, tied": ("LlamaConfig", SIZES | {"tie_word_embeddings": True}, "LlamaForCausalLM", "as saved"),
    "llama, module.": ("LlamaConfig", SIZES | {"tie_word_embeddings": False}, "LlamaForCausalLM", "prefixed"),
    "gpt2": ("GPT2Config", GPT, "GPT2LMHeadModel", "as saved"),
    "gpt2, hub": ("GPT2Config", GPT, "GPT2LMHeadModel", "bare"),
    "openai-gpt": ("OpenAIGPTConfig", GPT, "OpenAIGPTLMHeadModel", "as saved"),
    "gpt-bigcode": ("GPTBigCodeConfig", GPT, "GPTBigCodeForCausalLM", "as saved"),
    "gpt-neo": ("GPTNeoConfig", SIZES | {"num_layers": 2, "num_heads": 4,
                                          "attention_types": [[["global", "local"], 1]]},
                "GPTNeoForCausalLM", "as saved"),
    "gpt-neox": ("GPTNeoXConfig", SIZES | {"tie_word_embeddings": False}, "GPTNeoXForCausalLM", "as saved"),
    "gptj": ("GPTJConfig", GPT | {"rotary_dim": 4, "tie_word_embeddings": False}, "GPTJForCausalLM", "as saved"),
    "bloom": ("BloomConfig", {"vocab_size": 96, "hidden_size": 32, "n_layer": 2, "n_head": 4}, "BloomForCausalLM",
              "as saved"),
    "falcon": ("FalconConfig", SIZES, "FalconForCausalLM", "as saved"),
    "opt": ("OPTConfig", SIZES | {"ffn_dim": 48, "word_embed_proj_dim": 24}, "OPTForCausalLM", "as saved"),
    "phi": ("PhiConfig", SIZES, "PhiForCausalLM", "as saved"),
    "gemma2": ("Gemma2Config", SIZES | {"head_dim": 8}, "Gemma2ForCausalLM", "as saved"),
    "qwen2": ("Qwen2Config", SIZES, "Qwen2ForCausalLM", "as saved"),
    "mixtral": ("MixtralConfig", SIZES | EXPERTS, "MixtralForCausalLM", "as saved"),
    "qwen2-moe": ("Qwen2MoeConfig", SIZES | EXPERTS, "Qwen2MoeForCausalLM", "as saved"),
    "gpt-oss": ("GptOssConfig", SIZES | EXPERTS, "GptOssForCausalLM", "as saved"),
    "deepseek-v2": ("DeepseekV2Config", SIZES | EXPERTS | MLA, "DeepseekV2ForCausalLM", "as saved"),
    "deepseek-v3": ("DeepseekV3Config", SIZES | EXPERTS | MLA, "DeepseekV3ForCausalLM", "as saved"),
    "glm4-moe": ("Glm4MoeConfig", SIZES | EXPERTS | MLA, "Glm4MoeForCausalLM", "as saved"),
    "llama4": ("Llama4TextConfig", SIZES | EXPERTS | {"intermediate_size_mlp": 48}, "Llama4ForCausalLM", "as saved"),
    "phimoe": ("PhimoeConfig", SIZES | EXPERTS, "PhimoeForCausalLM", "as saved"),
    "olmoe": ("OlmoeConfig", SIZES | EXPERTS, "OlmoeForCausalLM", "as saved"),
    "jetmoe": ("JetMoeConfig", SIZES | EXPERTS | {"kv_channels": 8}, "JetMoeForCausalLM", "as saved"),
    "laguna": ("LagunaConfig", SIZES | EXPERTS | {"num_attention_heads_per_layer": [4, 4]}, "LagunaForCausalLM",
               "as saved"),
    "mobilebert": ("MobileBertConfig", SIZES | {"embedding_size": 16, "true_hidden_size": 16,
                                                "intra_bottleneck_size": 16}, "MobileBertForMaskedLM", "as saved"),
    "mamba2": ("Mamba2Config", {"vocab_size": 96, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8,
                                "num_heads": 8, "head_dim": 8, "n_groups": 1}, "Mamba2ForCausalLM", "as saved"),
    "rwkv": ("RwkvConfig", {"vocab_size": 96, "hidden_size": 32, "num_hidden_layers": 2}, "RwkvForCausalLM",
             "as saved"),
    "stablelm": ("StableLmConfig", SIZES, "StableLmForCausalLM", "as saved"),
    "mpt": ("MptConfig", {"vocab_size": 96, "d_model": 32, "n_layers": 2, "n_heads": 4}, "MptForCausalLM", "as saved"),
    "codegen": ("CodeGenConfig", GPT | {"rotary_dim": 4}, "CodeGenForCausalLM", "as saved"),
    "xglm": ("XGLMConfig", {"vocab_size": 96, "d_model": 32, "num_layers": 2, "attention_heads": 4, "ffn_dim": 48},
             "XGLMForCausalLM", "as saved"),
    "m2m-100": ("M2M100Config", BART, "M2M100ForConditionalGeneration", "as saved"),
    "longformer": ("LongformerConfig", SIZES | {"attention_window": [4, 4]}, "LongformerForMaskedLM", "as saved"),
    "cohere": ("CohereConfig", SIZES, "CohereForCausalLM", "as saved"),
    "starcoder2": ("Starcoder2Config", SIZES, "Starcoder2ForCausalLM", "as saved"),
    "segformer": ("SegformerConfig", {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1], "num_labels": 3,
                                      "num_attention_heads": [1, 1, 2, 2], "decoder_hidden_size": 16},
                  "SegformerForSemanticSegmentation", "as saved"),
    "granite-moe": ("GraniteMoeConfig", SIZES | EXPERTS, "GraniteMoeForCausalLM", "as saved"),
    "mamba": ("MambaConfig", {"vocab_size": 96, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8},
              "MambaForCausalLM", "as saved"),
    "falcon-h1": ("FalconH1Config", SIZES | {"head_dim": 8, "mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8,
                                             "mamba_d_state": 8}, "FalconH1ForCausalLM", "as saved"),
    "jamba": ("JambaConfig", SIZES | EXPERTS | {"mamba_d_state": 8, "mamba_dt_rank": 4, "attn_layer_period": 2,
                                                "attn_layer_offset": 1, "expert_layer_period": 2,
                                                "expert_layer_offset": 1}, "JambaForCausalLM", "as saved"),
    "t5": ("T5Config", T5, "T5ForConditionalGeneration", "as saved"),
    "bart": ("BartConfig", BART, "BartForConditionalGeneration", "as saved"),
    "bert": ("BertConfig", SIZES, "BertForMaskedLM", "as saved"),
    "bert, classifier": ("BertConfig", SIZES | {"num_labels": 3}, "BertForSequenceClassification", "as saved"),
    "bert, bare": ("BertConfig", SIZES, "BertModel", "as saved"),
    "roberta": ("RobertaConfig", SIZES, "RobertaForMaskedLM", "as saved"),
    "distilbert": ("DistilBertConfig", {"vocab_size": 96, "dim": 32, "hidden_dim": 48, "n_layers": 2, "n_heads": 4,
                                        "max_position_embeddings": 40}, "DistilBertForMaskedLM", "as saved"),
    "deberta-v2": ("DebertaV2Config", SIZES | {"relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
                   "DebertaV2ForMaskedLM", "as saved"),
    "albert": ("AlbertConfig", SIZES | {"embedding_size": 16}, "AlbertForMaskedLM", "as saved"),
    "vit": ("ViTConfig", VISION, "ViTForImageClassification", "as saved"),
    "swin": ("SwinConfig", {"embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2], "image_size": 16, "patch_size": 2,
                            "window_size": 2, "num_labels": 3}, "SwinForImageClassification", "as saved"),
    "clip": ("CLIPConfig", {"text_config": SIZES, "vision_config": VISION, "projection_dim": 16}, "CLIPModel",
             "as saved"),
    "whisper": ("WhisperConfig", BART | {"num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 20},
                "WhisperForConditionalGeneration", "as saved"),
    "wav2vec2": ("Wav2Vec2Config", SIZES | {"conv_dim": [16, 16], "conv_kernel": [3, 3], "conv_stride": [2, 2],
                                            "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2,
                                            "num_feat_extract_layers": 2}, "Wav2Vec2ForCTC", "as saved"),
    "resnet": ("ResNetConfig", {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1],
                                "layer_type": "basic", "num_labels": 3}, "ResNetForImageClassification", "as saved"),
    "convnext": ("ConvNextConfig", {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2, "num_labels": 3},
                 "ConvNextForImageClassification", "as saved"),
    "llava": ("LlavaConfig", {"text_config": _TEXT, "vision_config": _CLIP_VISION, "image_token_id": 5},
              "LlavaForConditionalGeneration", "as saved"),
    "qwen2-vl": ("Qwen2VLConfig", {"text_config": SIZES | {"rope_parameters": _ROPE},
                                   "vision_config": {"depth": 1, "embed_dim": 32, "hidden_size": 32, "num_heads": 4,
                                                     "mlp_ratio": 2, "patch_size": 4}},
                 "Qwen2VLForConditionalGeneration", "as saved"),
}  # fmt: skip


def build(name: str) -> Any:
    """The model, with weights drawn from a seed of the family's own."""
    import torch
    import transformers

    config_class, sizes, model_class, _ = FAMILIES[name]
    torch.manual_seed(sum(map(ord, name)))
    Config = getattr(transformers, config_class)
    known = set(inspect.signature(Config.__init__).parameters) | set(getattr(Config, "attribute_map", {}))
    known |= set(getattr(Config, "__annotations__", {}))
    config = Config(**sizes)
    return getattr(transformers, model_class)(config).eval()
